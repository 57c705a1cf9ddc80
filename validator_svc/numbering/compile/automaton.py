"""Patterns as automata over decimal digits, determinised as far as they are asked.

The one question that compiling a numbering plan asks over and over is: with these digits read and
so many still to come, does the pattern hold always, never, or does it depend on the rest?
"""

from collections.abc import Iterator
from functools import cache

from validator_svc.numbering.compile.patterns import Choice, End, Repeat, Sequence, read_pattern

NEVER = 0
ALWAYS = 1


class Automaton:
    """One pattern; states are small ints, `NEVER` and `ALWAYS` two of them.

    With `prefix` the pattern needs to match some beginning of the number only, as `re.match`
    does; otherwise the whole of it, as `re.fullmatch`.
    """

    def __init__(self, pattern: str, prefix: bool = False) -> None:
        """Raises UnsupportedPatternError."""
        self.prefix = prefix
        self.ids: dict[frozenset[Sequence], int] = {frozenset(): NEVER}
        self.members: list[frozenset[Sequence]] = [frozenset(), frozenset()]
        self.steps: list[tuple[int, ...] | None] = [(NEVER,) * 10, (ALWAYS,) * 10]
        self.settled: dict[tuple[int, int], int] = {}
        self.start = self.state_of(frozenset({read_pattern(pattern)}))

    def state_of(self, members: frozenset[Sequence]) -> int:
        """The number of the state in which any of these sequences may follow."""
        state = self.ids.get(members)
        if state is None:
            if self.prefix and any(may_end(sequence, at_end=False) for sequence in members):
                return ALWAYS
            state = self.ids[members] = len(self.members)
            self.members.append(members)
            self.steps.append(None)
        return state

    def step(self, state: int, digit: int) -> int:
        """The state after one more digit."""
        row = self.steps[state]
        if row is None:
            after: list[set[Sequence]] = [set() for _ in range(10)]
            for sequence in self.members[state]:
                for digits, rest in heads(sequence):
                    for each in digits:
                        after[each].add(rest)
            row = self.steps[state] = tuple(self.state_of(frozenset(members)) for members in after)
        return row[digit]

    def settle(self, state: int, left: int) -> int:
        """`state` itself while the answer depends on the `left` digits to come, else ALWAYS or NEVER."""
        if state <= ALWAYS:
            return state
        settled = self.settled.get((state, left))
        if settled is None:
            settled = self.settled[state, left] = self.settle_anew(state, left)
        return settled

    def settle_anew(self, state: int, left: int) -> int:
        if left == 0:
            return ALWAYS if self.ends(state) else NEVER
        outcomes = {self.settle(self.step(state, digit), left - 1) for digit in range(10)}
        only = outcomes.pop()
        return only if not outcomes and only <= ALWAYS else state

    def ends(self, state: int) -> bool:
        """Whether a match can end here, at the end of the number."""
        return state == ALWAYS or any(may_end(sequence, at_end=True) for sequence in self.members[state])


@cache
def automaton(pattern: str, prefix: bool = False) -> Automaton:
    """The automaton of a pattern, made once; calling codes share many patterns."""
    return Automaton(pattern, prefix)


def heads(sequence: Sequence) -> Iterator[tuple[frozenset[int], Sequence]]:
    """The digits that may come first, each set with what may follow it."""
    if not sequence:
        return
    head, rest = sequence[0], sequence[1:]
    if isinstance(head, frozenset):
        yield head, rest
    elif isinstance(head, Choice):
        for branch in head.branches:
            yield from heads(branch + rest)
    elif isinstance(head, Repeat):
        if head.most:
            again = Repeat(head.sequence, max(head.least - 1, 0), head.most - 1)
            yield from heads((*head.sequence, again, *rest))
        if head.least == 0:
            yield from heads(rest)


def may_end(sequence: Sequence, at_end: bool) -> bool:
    """Whether the sequence matches nothing at all; `$` does so at the end of the number."""
    return all(item_may_be_empty(item, at_end) for item in sequence)


def item_may_be_empty(item: object, at_end: bool) -> bool:
    if isinstance(item, Choice):
        return any(may_end(branch, at_end) for branch in item.branches)
    if isinstance(item, Repeat):
        return item.least == 0 or may_end(item.sequence, at_end)
    return isinstance(item, End) and at_end
