"""Matching a prefix pattern digit by digit, as `re.match` would: which alternative wins, where it ends.

`phonenumbers` takes international and national prefixes off by regular expressions with match priority
and captures. Here such a match is followed over digits of which only the first are known, all ways
through the pattern at once, in their order of priority.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from validator_svc.numbering.compile.automaton import Automaton
from validator_svc.numbering.compile.patterns import (
    Choice,
    End,
    Mark,
    Reader,
    Repeat,
    Sequence,
    UnsupportedPatternError,
)

TRANSFORM = re.compile(r"(\d*)\\(\d)")
NOWHERE = -1


class Way(NamedTuple):
    """One way through the pattern that is still open."""

    digits: frozenset[int]
    """What the next digit must be."""
    rest: Sequence
    """What must follow it."""
    start: int
    """Where the captured group began; NOWHERE before it."""
    stop: int
    """Where it ended; NOWHERE before that."""
    rewritten: int
    """State of the viability automaton that has read the literal and the group so far."""


class Match(NamedTuple):
    """A match that counts unless a way of higher priority comes to one."""

    end: int
    start: int
    """NOWHERE when the group took no part."""
    stop: int
    rewritten: int
    """State of the viability automaton after literal, group, and all digits since `end`."""


class State(NamedTuple):
    """All that is known of a match after some digits."""

    ways: tuple[Way, ...]
    match: Match | None


class Transform(NamedTuple):
    """A transform rule: what is written in front of the one group that it keeps."""

    literal: str
    group: int


class PrefixMatch:
    """One pattern on numbers of one length."""

    def __init__(
        self, pattern: str, length: int, transform: str = "", viable: Automaton | None = None
    ) -> None:
        """Raises UnsupportedPatternError.

        `transform` is the rule for what takes the match's place; `viable` reads what is left then.
        """
        self.length = length
        self.transform = read_transform(transform)
        self.viable = viable
        reader = CapturingReader(pattern, self.transform.group)
        sequence = reader.whole()
        if reader.groups > self.transform.group > 0 or reader.groups < self.transform.group:
            raise UnsupportedPatternError(f"{pattern} with {transform}")
        self.plain = viable.start if viable else 0
        self.after_literal = self.fed(self.plain, self.transform.literal)
        begin = [(sequence, NOWHERE, NOWHERE, self.plain)] if pattern and length else []
        self.start = self.open(begin, None, 0)

    def open(self, threads: list[tuple[Sequence, int, int, int]], match: Match | None, depth: int) -> State:
        """The state after `depth` digits, of the threads there are; the first match closes those behind."""
        ways: dict[Way, None] = {}
        for sequence, start, stop, rewritten in threads:
            for digits, rest, opens, closes in openings(sequence, depth == self.length):
                began = depth if opens else start
                ended = depth if closes else stop
                read = self.after_literal if opens else rewritten
                if digits is None:
                    whole = ended != NOWHERE
                    found = (began, ended, read) if whole else (NOWHERE, NOWHERE, self.plain)
                    return State(tuple(ways), Match(depth, *found))
                ways[Way(digits, rest, began, ended, read)] = None
        return State(tuple(ways), match)

    def step(self, state: State, digit: int, depth: int) -> State:
        """The state after one more digit, the one at `depth`."""
        match = state.match
        if match is not None:
            match = match._replace(rewritten=self.read(match.rewritten, digit))
        if not state.ways:
            return State((), match)
        threads = []
        for way in state.ways:
            if digit in way.digits:
                within = way.start != NOWHERE and way.stop == NOWHERE
                rewritten = self.read(way.rewritten, digit) if within else way.rewritten
                threads.append((way.rest, way.start, way.stop, rewritten))
        return self.open(threads, match, depth + 1)

    def read(self, state: int, digit: int) -> int:
        return self.viable.step(state, digit) if self.viable else state

    def fed(self, state: int, digits: str) -> int:
        for digit in digits:
            state = self.read(state, int(digit))
        return state


class CapturingReader(Reader):
    """Reads a pattern and marks one of its groups."""

    def __init__(self, pattern: str, group: int) -> None:
        """`group`: number of the group to mark; 0 marks none."""
        super().__init__(pattern)
        self.group = group
        self.groups = 0

    def atom(self) -> Sequence:
        if self.peek() != "(":
            return super().atom()
        self.groups += 1
        number = self.groups
        sequence = super().atom()
        return (Mark(opens=True), *sequence, Mark(opens=False)) if number == self.group else sequence


def read_transform(rule: str) -> Transform:
    """A transform rule of the metadata. Raises UnsupportedPatternError for all but one literal, one group."""
    if not rule:
        return Transform("", 0)
    found = TRANSFORM.fullmatch(rule)
    if found is None:
        raise UnsupportedPatternError(rule)
    return Transform(found[1], int(found[2]))


def openings(
    sequence: Sequence, at_end: bool, opens: bool = False, closes: bool = False
) -> Iterator[tuple[frozenset[int] | None, Sequence, bool, bool]]:
    """What may come next, by priority: digits (None: the pattern is through), rest, marks passed."""
    if not sequence:
        yield None, (), opens, closes
        return
    head, rest = sequence[0], sequence[1:]
    if isinstance(head, frozenset):
        if not at_end:
            yield head, rest, opens, closes
    elif isinstance(head, Choice):
        for branch in head.branches:
            yield from openings(branch + rest, at_end, opens, closes)
    elif isinstance(head, Repeat):
        if head.most:
            again = Repeat(head.sequence, max(head.least - 1, 0), head.most - 1)
            yield from openings((*head.sequence, again, *rest), at_end, opens, closes)
        if head.least == 0:
            yield from openings(rest, at_end, opens, closes)
    elif isinstance(head, Mark):
        yield from openings(rest, at_end, opens or head.opens, closes or not head.opens)
    elif isinstance(head, End) and at_end:
        yield from openings(rest, at_end, opens, closes)
