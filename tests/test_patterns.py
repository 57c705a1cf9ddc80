"""Regular expressions on what users send: each takes a time that grows with the text, never with its square.

All that the package compiles are found, each is given texts made after itself (a text that it matches,
with some piece of it repeated over and over, and something at the end that it does not expect), and
these are made longer until it shows how its time grows.
"""

import ast
import importlib.util
import math
import pkgutil
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import validator_svc
from validator_svc.screening import forms
from validator_svc.screening.registry import SYSTEMS

PACKAGE = Path(validator_svc.__file__).parent
NOT_FOR_USERS = (
    "validator_svc.numbering.compile",
    "validator_svc.numbering.data",
    "validator_svc.environment",
)
"""What is in there reads the numbering plan, or the operator's own environment."""
CALLS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
LENGTHS = (64, 256, 1024, 4096)
MOST_GROWTH = 8
"""Times as long for four times the text; a square is 16."""
NOTICEABLE_S = 0.001
TRIES = 5
GIVEN_UP_S = 1.0
SAMPLES = 5
MOST_PIECE = 3
OTHERS = "a1 -,.;:+\"'=/x\n\x00é"


BOUNDED = {
    # Cells of more than MAX_LENGTH characters are not looked at.
    "validator_svc.formats.number_like.DIGITS": (30, 120),
    # From each place a window of some hundred bytes is looked at; in a process with a limit of time.
    "validator_svc.formats.workbook_checks.SHARED": (1024, 4096, 16384),
}
"""Lengths for those that look at a bounded text, or at so much from each place, and the square of that."""


MACHINE_CODE = "validator_svc.kernel.native"
WITH_MACHINE_CODE = f"{MACHINE_CODE}_kernel"
"""Cannot be imported where that was not built."""


class Use(NamedTuple):
    """A regular expression of the package, and how it is asked."""

    name: str
    pattern: "re.Pattern[Any]"
    calls: tuple[str, ...]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for module in pkgutil.walk_packages([str(PACKAGE)], "validator_svc."):
        if not module.name.startswith(NOT_FOR_USERS) and not module.name.endswith("__main__"):
            path = PACKAGE.joinpath(*module.name.split(".")[1:])
            source = path / "__init__.py" if module.ispkg else path.with_suffix(".py")
            if source.exists():
                yield module.name, ast.parse(source.read_text())


def calls_of_names() -> dict[tuple[str, str], set[str]]:
    """By module and name, how constants are asked: `NAME.search(…)`, `map(NAME.match, …)`."""
    found: dict[tuple[str, str], set[str]] = {}
    for module_name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CALLS:
                name = node.value
                constant = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
                found.setdefault((module_name, constant), set()).add(node.attr)
    return found


def compiled(name: str, value: object) -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """The regular expressions in a constant, also in those of a collection."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        yield from compiled(name, (*value.keys(), *value.values()))
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from compiled(name, each)


def constants() -> Iterator[Use]:
    calls = calls_of_names()
    for module_name, _ in modules():
        if module_name == WITH_MACHINE_CODE and importlib.util.find_spec(MACHINE_CODE) is None:
            continue
        for constant, value in vars(importlib.import_module(module_name)).items():
            for name, pattern in compiled(constant, value):
                asked = tuple(sorted(calls.get((module_name, name), set())))
                yield Use(f"{module_name}.{name}", pattern, asked)


def on_the_spot() -> Iterator[Use]:
    """`re.sub(r"…", …)`; what is no literal there is in UNWRITTEN."""
    for module_name, tree in modules():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            function = node.func
            if isinstance(function.value, ast.Name) and function.value.id == "re" and function.attr in CALLS:
                place = f"{module_name}:{ast.unparse(node.args[0])}"
                literal = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                flags = re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else re.NOFLAG
                yield Use(place, re.compile(literal or "", flags), (function.attr,) if literal else ())


UNWRITTEN = {
    # Constants of that module: a literal each, at the beginning of a text that is cut short.
    "validator_svc.formats.foreign:pattern",
    # Area codes, of which the cell has at most four digits.
    "validator_svc.numbering.countries:metadata.leading_digits",
    # A key between quotes, then spaces, a colon, spaces, a bracket.
    r"validator_svc.http.json_list:b'(?<!\\\\)%b\\s*:\\s*\\[' % key",
    # See `paths_of_systems`.
    "validator_svc.screening.system:self.paths",
}
"""Regular expressions that are no literals where they are used, looked at by hand."""


def paths_of_systems() -> Iterator[Use]:
    """The paths on which systems take requests, which stand in a table."""
    for name, system in SYSTEMS.items():
        yield Use(f"paths of {name}", re.compile(system.paths, re.ASCII), ("fullmatch",))


def forms_of_lines() -> Iterator[Use]:
    """What finds values in lines of requests, and what lines with the same beside them are held against."""
    for name, system in SYSTEMS.items():
        yield Use(f"values of {name}", forms.values_in(system), ("finditer",))
    for kind in forms.PATTERNS:
        left = forms.Left((b'{"from":"', b'","to":"', b'"}'), (kind, kind))
        yield Use(f"lines alike with {kind}", re.compile(forms.pattern_of(left)), ("fullmatch",))


MADE_IN_FUNCTIONS = {"validator_svc.screening.forms": 2}
"""How many there are that are no constants, by module, each made for its tests here: see `forms_of_lines`."""


def written_on_the_spot() -> Iterator[Use]:
    return (use for use in on_the_spot() if use.calls)


def test_only_these_are_no_literals() -> None:
    assert {use.name for use in on_the_spot() if not use.calls} <= UNWRITTEN


def test_all_are_constants_of_modules() -> None:
    """One that is made anywhere else, in a function or a class, would not be found here."""
    elsewhere = Counter[str]()
    for module_name, tree in modules():
        known = {
            id(node)
            for statement in tree.body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
            for node in ast.walk(statement)
        }
        elsewhere[module_name] += sum(
            isinstance(node, ast.Attribute) and ast.unparse(node) == "re.compile" and id(node) not in known
            for node in ast.walk(tree)
        )
    assert dict(+elsewhere) == MADE_IN_FUNCTIONS


def test_there_is_no_other_engine_that_goes_back_and_forth() -> None:
    """Patterns of pydantic's fields are for an engine that never does, unless it is told otherwise."""
    for module_name, tree in modules():
        names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
        imported = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "regex_engine" not in names, module_name
        assert imported.isdisjoint({"regex", "re2", "fnmatch", "glob"}), module_name
        assert "re" not in {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def uses() -> list[Use]:
    seen: dict[object, Use] = {}
    for use in (
        *constants(),
        *paths_of_systems(),
        *forms_of_lines(),
        *(use for use in on_the_spot() if use.calls),
    ):
        known = seen.setdefault(use.pattern, use)
        seen[use.pattern] = known._replace(calls=tuple(sorted({*known.calls, *use.calls})))
    return sorted(use._replace(calls=use.calls or CALLS) for use in seen.values())


def characters(items: list[Any]) -> str:
    """Some that a class of characters has in it."""
    pattern = "".join(chr(value) for kind, value in items if kind == kinds.LITERAL)
    for kind, value in items:
        if kind == kinds.RANGE:
            pattern += chr(value[0]) + chr(value[1])
        if kind == kinds.CATEGORY:
            pattern += "".join(c for c in OTHERS if matches_category(value, c))
    if items[0][0] == kinds.NEGATE:
        return "".join(c for c in OTHERS + "Z0~" if c not in pattern) or "\u2603"
    return pattern


def matches_category(category: object, character: str) -> bool:
    letter = str(category).rsplit("_", 1)[-1][0].lower()
    return re.match("\\" + (letter.upper() if "_NOT_" in str(category) else letter), character) is not None


class Sampler:
    """Makes texts that a regular expression matches, more or less: assertions are left out."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def sample(self, sequence: Any) -> str:
        return "".join(self.item(kind, value) for kind, value in sequence)

    def item(self, kind: object, value: Any) -> str:
        if kind == kinds.LITERAL:
            return chr(value)
        if kind == kinds.NOT_LITERAL:
            return self.chance.choice([c for c in OTHERS if c != chr(value)])
        if kind == kinds.ANY:
            return self.chance.choice("a1 ,")
        if kind == kinds.IN:
            return self.chance.choice(characters(value))
        if kind == kinds.BRANCH:
            return self.sample(self.chance.choice(value[1]))
        if kind == kinds.SUBPATTERN:
            return self.sample(value[-1])
        if kind == kinds.ATOMIC_GROUP:
            return self.sample(value)
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
            least, most, repeated = value
            count = self.chance.randint(least, min(int(most), least + 2))
            return "".join(self.sample(repeated) for _ in range(count))
        return ""


def attacks(pattern: "re.Pattern[Any]", length: int, seed: int) -> Iterator[str]:
    """Texts of about a length, the same ones for each length but for that."""
    chance = random.Random(seed)
    sampler = Sampler(chance)
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE)
    for _ in range(SAMPLES):
        sample = sampler.sample(tree)[:24]
        for begin in range(len(sample)):
            for size in range(1, MOST_PIECE + 1):
                piece = sample[begin : begin + size]
                repeated = sample[:begin] + piece * (length // len(piece))
                yield repeated + chance.choice(("\x00", "!", sample[begin:] + "\x00", sample[begin:]))


class TooSlowError(Exception):
    pass


def give_up(*arguments: object) -> None:
    raise TooSlowError


@contextmanager
def limited() -> Iterator[None]:
    """Give up after a time in which a thousand such texts are looked at otherwise."""
    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def duration_s(ask: Callable[[Any], object], text: str | bytes) -> float:
    begin_s = time.thread_time()
    try:
        with limited():
            found = ask(text)
            if isinstance(found, Iterator):
                for _ in found:
                    pass
    except TooSlowError:
        return math.inf
    return time.thread_time() - begin_s


def asked(use: Use, call: str) -> Callable[[Any], object]:
    if call == "sub":
        return lambda text: use.pattern.sub(text[:0], text)
    ask: Callable[[Any], object] = getattr(use.pattern, call)
    return ask


def grows_too_fast(use: Use, call: str) -> str | None:
    """A text on which a regular expression takes a time that grows faster than the text."""
    ask = asked(use, call)
    is_text = isinstance(use.pattern.pattern, str)
    lengths = BOUNDED.get(use.name, LENGTHS)
    for texts in zip(*(attacks(use.pattern, length, 1) for length in lengths), strict=True):
        before_s = None
        for text in texts:
            content = text if is_text else text.encode("latin-1", "replace")
            took_s = duration_s(ask, content)
            if before_s is not None and took_s > NOTICEABLE_S and took_s > MOST_GROWTH * before_s:
                took_s = min(took_s, *(duration_s(ask, content) for _ in range(TRIES)))
                if took_s > NOTICEABLE_S and took_s > MOST_GROWTH * before_s:
                    return str(text[:60])
            before_s = took_s
            if took_s == math.inf:
                return str(text[:60])
    return None


@pytest.mark.parametrize("use", uses(), ids=lambda use: use.name)
def test_its_time_grows_with_the_text(use: Use) -> None:
    slow = {call: grows_too_fast(use, call) for call in use.calls}
    assert {call: text for call, text in slow.items() if text is not None} == {}


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"a*a*b", r"\s*(?:,|;)\s*x", r".*?=.*?;"])
def test_one_that_goes_back_and_forth_is_seen(pattern: str) -> None:
    assert grows_too_fast(Use("known", re.compile(pattern), ("search",)), "search") is not None
