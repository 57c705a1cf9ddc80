"""The regular expressions of the metadata, read into sequences of digit sets.

The metadata (libphonenumber's `resources/PhoneNumberMetadata.xml`) uses literal digits, classes,
`\\d`, `{m,n}`, `?`, `|`, groups and `$`, nothing else. Whatever does not fit is refused, and the
calling code that uses it is answered the slow way.
"""

import re
from dataclasses import dataclass
from typing import Never

ANY_DIGIT = frozenset(range(10))

TOKEN = re.compile(r"\\d|\d|\[[\d-]+\]|\(\?:|\(|\)|\||\{\d+(?:,\d+)?\}|\?|\$")


class UnsupportedPatternError(ValueError):
    """A pattern that uses more than this module knows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences."""

    branches: "tuple[Sequence, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A sequence, `least` to `most` times."""

    sequence: "Sequence"
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class End:
    """The end of the number (`$`)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a captured group begins or ends; only readers that ask for one put it in."""

    opens: bool


Item = frozenset[int] | Choice | Repeat | End | Mark
Sequence = tuple[Item, ...]

END = End()


def read_pattern(pattern: str) -> Sequence:
    """A pattern of the metadata as a sequence. Raises UnsupportedPatternError."""
    return Reader(pattern).whole()


class Reader:
    """Reads one pattern by recursive descent."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.tokens = TOKEN.findall(pattern)
        self.position = 0
        if "".join(self.tokens) != pattern:
            self.refuse()

    def refuse(self) -> Never:
        raise UnsupportedPatternError(self.pattern)

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        part = self.peek()
        self.position += 1
        return part

    def whole(self) -> Sequence:
        sequence = self.choice()
        if self.peek():
            self.refuse()
        return sequence

    def choice(self) -> Sequence:
        branches = [self.branch()]
        while self.peek() == "|":
            self.take()
            branches.append(self.branch())
        return branches[0] if len(branches) == 1 else (Choice(tuple(branches)),)

    def branch(self) -> Sequence:
        items: list[Item] = []
        while self.peek() not in ("", "|", ")"):
            items += self.repeated(self.atom())
        return tuple(items)

    def repeated(self, atom: Sequence) -> Sequence:
        part = self.peek()
        if part == "?":
            self.take()
            return (Repeat(atom, 0, 1),)
        if not part.startswith("{"):
            return atom
        self.take()
        least, _, most = part[1:-1].partition(",")
        return (Repeat(atom, int(least), int(most or least)),)

    def atom(self) -> Sequence:
        part = self.take()
        if part in ("(", "(?:"):
            sequence = self.choice()
            if self.take() != ")":
                self.refuse()
            return sequence
        if part == "$":
            return (END,)
        if part == r"\d":
            return (ANY_DIGIT,)
        if part.isdigit():
            return (frozenset({int(part)}),)
        if part.startswith("["):
            return (self.digit_class(part[1:-1]),)
        self.refuse()

    def digit_class(self, content: str) -> frozenset[int]:
        digits: set[int] = set()
        for first, last in re.findall(r"(\d)(?:-(\d))?", content):
            digits.update(range(int(first), int(last or first) + 1))
        if content.startswith("-") or content.endswith("-"):
            self.refuse()
        return frozenset(digits)
