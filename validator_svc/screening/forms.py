"""Forms: what requests of a list have in common, read once, and what each has of its own.

A list is mostly one request many times over, to other numbers. A line is cut where values of its own stand:
phone numbers, and texts of which nothing is expected. What is left of it is read and checked once, with marks
where the values were; every line of which the same is left is the same request with other values. That holds
for values without backslashes and control characters: such stand in JSON as they are.
"""

import re
import secrets
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.finding import Finding
from validator_svc.screening.shape import part_at, put, shape_findings
from validator_svc.screening.system import Body, Place, System

# Nobody who writes requests knows it, so that it comes from here only.
MARK = secrets.token_hex(8)
VALUE = rb'"([^"\\\x00-\x1f]{1,250})"'
"""A value in its quotes; a number that is longer is none."""
MOST_BYTES = 4_096
MOST_FORMS = 4
# Lines of a slice of which forms are sought; of some lists none is like another.
MOST_CUT = 16
# Of all lists.
MOST_REMEMBERED = 256

Left = tuple[bytes, ...]
"""What is left of a line: what stands before its first value, between them, and behind the last one."""
Values = tuple[bytes, ...]
"""In the order of the line, UTF-8."""


class Form(NamedTuple):
    """A request without its values."""

    pattern: "re.Pattern[bytes]"
    """Fits the lines of this form, with a group for each value."""
    body: Body
    """With marks in the places of values."""
    findings: tuple[Finding, ...]
    places: tuple[Place, ...]
    """Of the numbers, in the order of the system."""
    numbers: tuple[int, ...]
    """For each of these its place among the values."""
    paths: tuple[tuple[str, ...], ...]
    """Where each value stands in the body."""
    json: bytes
    """The body as JSON, to be filled with the values."""
    has_numbers_only: bool
    """Whether the values are the numbers, in the order of the system."""
    has_others: bool
    """Whether something else may stand in the place of one of its numbers."""

    def filled(self, values: Values) -> Body:
        """The body with values in it, as they came."""
        body: Body = copied(self.body)
        for path, value in zip(self.paths, values, strict=True):
            put(body, path, value.decode())
        return body

    def in_order(self, numbers: Values, values: Values) -> Values:
        """The values with these in the place of the numbers that came."""
        own = [*values]
        for at, number in zip(self.numbers, numbers, strict=True):
            own[at] = number
        return (*own,)


def copied(value: Any) -> Any:
    """A value of JSON, its objects anew."""
    return {name: copied(each) for name, each in value.items()} if isinstance(value, dict) else value


class Forms:
    """The forms of some lines of a list of requests to one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: list[Form] = []
        self._seen: set[Left] = set()
        self._cuts_left = MOST_CUT

    def of(self, line: bytes) -> tuple[Form, Values] | None:
        """The form of a line, and its values; None for what has to be read for itself."""
        for form in self._known:
            found = form.pattern.fullmatch(line)
            if found is not None:
                return (form, found.groups()) if line.isascii() or is_text(line) else None
        if self._cuts_left and len(line) <= MOST_BYTES:
            self._cuts_left -= 1
            self._look_at(line)
        return None

    def _look_at(self, line: bytes) -> None:
        """Remember what is left of a line; of the second that has the same left, the form."""
        left = (*values_in(self._system).split(line)[::2],)
        if left not in self._seen:
            self._seen.add(left)
        elif len(self._known) < MOST_FORMS and (form := form_of(self._system, left)) is not None:
            self._known.append(form)


@cache
def values_in(system: System) -> "re.Pattern[bytes]":
    """Finds the values that a line may have of its own, with their quotes."""
    names = sorted({path[-1] for path in system.value_paths})
    before = [rb'(?<="%b":%b)' % (re.escape(name.encode()), space) for name in names for space in (b"", b" ")]
    return re.compile(b"(?:%b)%b" % (b"|".join(before), VALUE))


@lru_cache(MOST_REMEMBERED)
def form_of(system: System, left: Left) -> Form | None:
    """The form of lines of which that is left; None where its values are not its numbers and texts."""
    marks = [f"{MARK}{number:04}" for number in range(len(left) - 1)]
    line = left[0]
    for mark, piece in zip(marks, left[1:], strict=True):
        line += b'"%b"%b' % (mark.encode(), piece)
    try:
        body = bodies.of_json(line)
    except UnreadableError:
        return None
    body = bodies.as_form(body) if system.is_form else body
    places = tuple(each for each in system.places if part_at(body, each.path) is not None)
    path_of = {value: path for path in system.value_paths if (value := part_at(body, path)) in marks}
    paths = tuple(path_of.get(mark, ()) for mark in marks)
    if not places or () in paths or not {place.path for place in places} <= {*paths}:
        return None
    json = orjson.dumps(body).replace(b"%", b"%%")
    for mark in marks:
        json = json.replace(mark.encode(), b"%b")
    return Form(
        re.compile(VALUE.join(map(re.escape, left))),
        body,
        (*shape_findings(system, body),),
        places,
        tuple(paths.index(place.path) for place in places),
        paths,
        json,
        paths == tuple(place.path for place in places),
        any(place.phone.others for place in places),
    )


def is_text(line: bytes) -> bool:
    """Whether it is UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
