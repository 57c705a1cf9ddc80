"""Forms: what requests of a list have in common, read once, and what each has of its own.

A list is mostly one request many times over, with other values. A line is cut where values of its own stand:
phone numbers, and whatever any value of a kind is fine for. What is left of it is read and checked once, with
marks where the values were; every line of which the same is left is the same request with other values. That
holds for values without backslashes and control characters: such stand in JSON as they are.
"""

import re
import secrets
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson

from validator_svc.kernel.interface import ValueKind
from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.finding import Finding
from validator_svc.screening.shape import other_finding, part_at, put, shape_findings
from validator_svc.screening.system import Body, Place, System

PATTERNS: dict[ValueKind, bytes] = {
    "text": rb'[^"\\\x00-\x1f]{1,250}',
    "named": rb'[!#-\[\]-~][^"\\\x00-\x1f]{0,249}',
    "number": rb"[ !#-@\[\]-`{-\x7f]{9,250}",
    "url": rb"[/?#][!#-\[\]-~]{0,999}",
    "uuid": rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}
"""Of values, as they stand in their quotes; a number that is longer is none."""
ORIGIN = rb'https?://[^/?#"\\\x00-\x20\x7f-\xff]{1,999}'
"""What stands before the value that a URL has of its own."""
# Nobody who writes requests knows it, so that it comes from here only. It is a value of each kind, behind
# what one of that kind begins with.
MARK = "-".join(("", *(secrets.token_hex(2) for _ in range(3)), secrets.token_hex(6)))
MARK_SIZE = 36
BEFORE_MARK = {"url": "/"}
MOST_BYTES = 4_096
MOST_FORMS = 4
# Lines of a slice of which forms are sought; of some lists none is like another.
MOST_CUT = 16
# Of all lists.
MOST_REMEMBERED = 256

Values = tuple[bytes, ...]
"""In the order of the line, UTF-8."""


class Left(NamedTuple):
    """What is left of a line."""

    pieces: tuple[bytes, ...]
    """What stands before its first value, between them, and behind the last one."""
    kinds: tuple[ValueKind, ...]
    """Of each value."""


class Form(NamedTuple):
    """A request without its values."""

    left: Left
    pattern: "re.Pattern[bytes]"
    """Fits the lines of this form, with a group for each value."""
    body: Body
    """With marks in the places of values."""
    of_shape: tuple[Finding, ...]
    """What is found of its shape."""
    findings: tuple[Finding, ...]
    """The same, and what is found of what stands in the place of numbers."""
    places: tuple[Place, ...]
    """Of the numbers, in the order of the system."""
    numbers: tuple[int, ...]
    """For each of these its place among the values."""
    paths: tuple[tuple[str, ...], ...]
    """Where each value stands in the body."""
    before: tuple[str, ...]
    """What stands in the body before each value, of the same text."""
    json: tuple[bytes, ...]
    """The body as JSON, cut where its values stand."""
    has_numbers_only: bool
    """Whether the values are the numbers, in the order of the system."""

    def filled(self, values: Values) -> Body:
        """The body with values in it, as they came."""
        body: Body = copied(self.body)
        for path, before, value in zip(self.paths, self.before, values, strict=True):
            put(body, path, before + value.decode())
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
    """The forms of a list of requests to one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.known: list[Form] = []
        """The ones that were last seen first, MOST_FORMS at most."""
        self._seen: set[Left] = set()
        self._cuts_left = MOST_CUT

    def begin_slice(self) -> None:
        """Seek forms in some lines again."""
        self._seen.clear()
        self._cuts_left = MOST_CUT

    def of(self, line: bytes) -> tuple[Form, Values] | None:
        """The form of a line, and its values; None for what has to be read for itself."""
        for form in self.known:
            found = form.pattern.fullmatch(line)
            if found is not None:
                return (form, found.groups()) if line.isascii() or is_text(line) else None
        if self._cuts_left and len(line) <= MOST_BYTES:
            self._cuts_left -= 1
            self._look_at(line)
        return None

    def _look_at(self, line: bytes) -> None:
        """Remember what is left of a line; of the second that has the same left, the form."""
        left = left_of(self._system, line)
        if left not in self._seen:
            self._seen.add(left)
        elif (form := form_of(self._system, left)) is not None:
            self.known = [form, *self.known][:MOST_FORMS]


def left_of(system: System, line: bytes) -> Left:
    """What is left of a line."""
    pieces, kinds, at = [], [], 0
    for found in values_in(system).finditer(line):
        kind: Any = found.lastgroup
        begin, end = found.span(kind)
        pieces.append(line[at:begin])
        kinds.append(kind)
        at = end
    return Left((*pieces, line[at:]), (*kinds,))


@cache
def values_in(system: System) -> "re.Pattern[bytes]":
    """Finds the values that a line may have of its own, each in the group of its kind."""
    names: dict[ValueKind, list[bytes]] = {}
    for name, kind in {path[-1]: kind for path, kind in system.values.items()}.items():
        names.setdefault(kind, []).append(re.escape(name.encode()))
    each_kind = []
    for kind, some in names.items():
        before = b"|".join([rb'(?<="%b":%b)' % (name, space) for name in some for space in (b"", b" ")])
        value = rb"(?P<%b>%b)" % (kind.encode(), PATTERNS[kind])
        each_kind.append(b'(?:%b)"%b%b"' % (before, ORIGIN if kind == "url" else b"", value))
    return re.compile(b"|".join(each_kind))


@lru_cache(MOST_REMEMBERED)
def form_of(system: System, left: Left) -> Form | None:
    """The form of lines of which that is left; None where its values are not its numbers and what is open."""
    marks = [f"{BEFORE_MARK.get(kind, '')}{number:08}{MARK}" for number, kind in enumerate(left.kinds)]
    line = left.pieces[0]
    for mark, piece in zip(marks, left.pieces[1:], strict=True):
        line += mark.encode() + piece
    try:
        body = bodies.of_json(line)
    except UnreadableError:
        return None
    body = bodies.as_form(body) if system.is_form else body
    found = {text[-MARK_SIZE:]: path for path in system.values if type(text := part_at(body, path)) is str}
    paths = tuple(found.get(mark[-MARK_SIZE:], ()) for mark in marks)
    places = tuple(each for each in system.places if each.path in paths)
    others = [
        each for each in system.places if each.path not in paths and part_at(body, each.path) is not None
    ]
    told = [other_finding(each.name, each.phone, part_at(body, each.path)) for each in others]
    if not places or () in paths or not all(is_other for is_other, _ in told):
        return None
    before = tuple(part_at(body, path).removesuffix(mark) for path, mark in zip(paths, marks, strict=True))
    if left.kinds != tuple(map(system.values.__getitem__, paths)):
        return None
    return Form(
        left,
        re.compile(pattern_of(left)),
        body,
        (of_shape := (*shape_findings(system, body),)),
        (*of_shape, *[finding for _, finding in told if finding]),
        places,
        tuple(paths.index(place.path) for place in places),
        paths,
        before,
        cut(orjson.dumps(body), marks),
        paths == tuple(place.path for place in places),
    )


def pattern_of(left: Left) -> bytes:
    """Fits the lines of which that is left, with a group for each value."""
    values = [b"(%b)" % PATTERNS[kind] for kind in left.kinds]
    return b"".join(
        [re.escape(piece) + value for piece, value in zip(left.pieces, [*values, b""], strict=True)]
    )


def cut(json: bytes, marks: list[str]) -> tuple[bytes, ...]:
    """JSON in pieces, the marks left out."""
    pieces = []
    for mark in marks:
        piece, _, json = json.partition(mark.encode())
        pieces.append(piece)
    return (*pieces, json)


def is_text(line: bytes) -> bool:
    """Whether it is UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
