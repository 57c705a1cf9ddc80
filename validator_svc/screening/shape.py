"""Whether a request has the shape that its system asks for: its parameters, and nothing beside them."""

import difflib
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from validator_svc.screening.finding import MOST_FINDINGS, Finding, error, warning
from validator_svc.screening.sip import EXPECTED as SIP_EXPECTED
from validator_svc.screening.sip import is_sip, is_sip_address
from validator_svc.screening.system import Body, System
from validator_svc.screening.values import Phone

# Objects and arrays of a request that are not counted more closely; far over what any system takes.
FEW_BRACKETS = 100
DEEPEST = 16
SHOWN = 40
MOST_UNKNOWN = 20
"""Names that are not known are told of, at each place of the body."""
MOST_SENDER = 11
SHORT_CODE = range(3, 9)
IN_SENDER = " -_.&+!"

# What pydantic calls it: what it is to us.
CODES = {
    "missing": "missing",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "too_long": "out_of_range",
    "too_short": "out_of_range",
    "string_too_long": "out_of_range",
    "string_too_short": "out_of_range",
}


def shape_findings(system: System, body: Body) -> list[Finding]:
    """What is wrong with the parameters of a request, each for itself; its numbers are not read yet."""
    found: list[Finding] = []
    try:
        system.validate(body)
    except ValidationError as invalid:
        found = findings_of(system, invalid)
    for path, known in system.keys.items():
        part = part_at(body, path) if path else body
        if isinstance(part, dict) and not part.keys() <= known:
            names = [name for name in part if name not in known]
            found += [unknown(path, name[:SHOWN], known) for name in names[:MOST_UNKNOWN]]
    return found


def findings_of(system: System, invalid: ValidationError) -> list[Finding]:
    """What pydantic found, in the words of the parameter; one finding each."""
    found: dict[str, Finding] = {}
    for each in invalid.errors(include_url=False, include_context=False, include_input=False)[:MOST_FINDINGS]:
        name = parameter_at(system, each["loc"])
        expected = system.parameters[name].expected if name else "an object"
        code = CODES.get(each["type"], "wrong_type" if each["type"].endswith("_type") else "invalid_value")
        what = f"expected {expected}" + (", nothing was given" if code == "missing" else "")
        found.setdefault(name, error(name, code, what))
    return [*found.values()]


def parameter_at(system: System, place: tuple[int | str, ...]) -> str:
    """The parameter that has a place in it: an element of a list, or one of several types."""
    for end in range(len(place), 0, -1):
        name = ".".join(map(str, place[:end]))
        if name in system.parameters:
            return name
    return ""


@lru_cache(maxsize=1_024)
def unknown(path: tuple[str, ...], name: str, known: frozenset[str]) -> Finding:
    """The finding for a parameter that the system is not known to have."""
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {'.'.join((*path, near[0]))}?" if near else ""
    shown = "".join(each if each.isprintable() and not each.isdigit() else "…" for each in name)
    return warning(".".join((*path, shown)), "unknown_parameter", f"is passed on as it is{hint}")


def part_at(body: Any, path: tuple[str, ...]) -> Any:
    """What stands in the body at a place; None where there is nothing."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def put(body: Any, path: tuple[str, ...], value: str) -> None:
    """Put a value in its place in the body."""
    for name in path[:-1]:
        body = body[name]
    body[path[-1]] = value


def is_too_deep(value: Any) -> bool:
    """Whether objects and arrays are nested deeper than any system has it."""
    level = [value]
    for _ in range(DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [each for part in inner for each in part if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def other_finding(name: str, phone: Phone, text: Any) -> tuple[bool, Finding | None]:
    """Whether something else stands in a number's place that may stand there; what is wrong with it."""
    if type(text) is not str:
        return False, None
    if "sip" in phone.others and is_sip(text):
        fine = is_sip_address(text)
        return True, None if fine else error(name, "invalid_sip_address", f"expected {SIP_EXPECTED}")
    if "sender" in phone.others:
        if any(each.isalpha() for each in text):
            fine = len(text) <= MOST_SENDER and text.isascii() and all(map(is_in_sender, text))
            what = f"expected at most {MOST_SENDER} letters, digits, spaces or {IN_SENDER.strip()}"
            return True, None if fine else error(name, "invalid_sender", what)
        if text.isascii() and text.isdigit() and len(text) in SHORT_CODE:
            return True, None
    return False, None


def is_in_sender(character: str) -> bool:
    """Whether it may stand in the name of a sender."""
    return character.isalnum() or character in IN_SENDER
