"""Digits as somebody in a region would dial them, to a leaf.

Follows the part of `phonenumbers.parse` that looks at the default region, for digits without a `+`.
"""

from typing import NamedTuple

from phonenumbers.phonemetadata import PhoneMetadata

from validator_svc.numbering import facts
from validator_svc.numbering.compile.automaton import NEVER, automaton
from validator_svc.numbering.compile.calling_codes import of_national_number
from validator_svc.numbering.compile.graph import Graph, Reference
from validator_svc.numbering.compile.lengths import MAX_NSN, MIN_NSN, general_desc_of, reason_of_length
from validator_svc.numbering.compile.national_prefix import NationalPrefix, Strip
from validator_svc.numbering.compile.national_prefix import State as PrefixState
from validator_svc.numbering.compile.patterns import UnsupportedPatternError
from validator_svc.numbering.compile.prefix_match import PrefixMatch
from validator_svc.numbering.compile.prefix_match import State as MatchState
from validator_svc.numbering.compile.territory import UndecidedError, holds
from validator_svc.numbering.plan_file import MAX_DIGITS, MIN_DIGITS, MIN_REGION_DIGITS, Goal, Source


def region_roots_of(graph: Graph, region_code: str) -> list[Reference]:
    """Where the walk begins, for MIN_REGION_DIGITS to MAX_DIGITS digits."""
    metadata = PhoneMetadata.metadata_for_region(region_code)
    assert metadata is not None
    return [root_of(graph, metadata, length) for length in range(MIN_REGION_DIGITS, MAX_DIGITS + 1)]


def root_of(graph: Graph, metadata: PhoneMetadata, length: int) -> Reference:
    try:
        rule = DialRule(graph, metadata, length)
        return rule.grow(rule.start, length)
    except UnsupportedPatternError:
        return graph.slow()


class State(NamedTuple):
    """What is known of dialled digits; None is a question whose answer is no."""

    abroad: MatchState | None
    """How far the digits are an international prefix."""
    zero_follows: bool
    """Whether the digit after the international prefix that has been found is a zero."""
    has_code: int
    """Whether they begin with the region's calling code: an automaton's state."""
    after_code: PrefixState | None
    """The national prefix behind the calling code."""
    national: PrefixState


class DialRule:
    """How numbers of one length are dialled in one region."""

    def __init__(self, graph: Graph, metadata: PhoneMetadata, length: int) -> None:
        """Raises UnsupportedPatternError."""
        self.graph = graph
        self.length = length
        self.calling_code = str(metadata.country_code)
        self.is_too_long = reason_of_length(general_desc_of(metadata), length) == facts.TOO_LONG
        self.abroad = PrefixMatch(metadata.international_prefix or "", length)
        self.has_code = automaton(self.calling_code, prefix=True)
        behind = max(length - len(self.calling_code), 0)
        self.after_code = NationalPrefix(metadata, behind, may_keep=False)
        self.national = NationalPrefix(metadata, length)
        self.grown: dict[tuple[State, int], Reference] = {}
        self.start = self.settled(
            State(
                self.abroad.start,
                False,
                self.has_code.settle(self.has_code.start, length),
                self.after_code.start,
                self.national.start,
            )
        )

    def grow(self, state: State, left: int) -> Reference:
        """Where to go on from `state` with `left` digits still to come."""
        reference = self.grown.get((state, left))
        if reference is None:
            try:
                reference = self.decide(state, left)
            except UndecidedError:
                after = [self.step(state, digit, left - 1) for digit in range(10)]
                reference = self.graph.node(tuple(self.grow(each, left - 1) for each in after))
            self.grown[state, left] = reference
        return reference

    def step(self, state: State, digit: int, left: int) -> State:
        depth = self.length - left - 1
        abroad, zero_follows = state.abroad, state.zero_follows
        if abroad is not None:
            stepped = self.abroad.step(abroad, digit, depth)
            if stepped.match is not None and stepped.match.end <= depth:
                zero_follows = digit == 0 if stepped.match.end == depth else zero_follows
            else:
                zero_follows = False
            abroad = stepped
        after_code = state.after_code
        if after_code is not None and depth >= len(self.calling_code):
            after_code = self.after_code.step(after_code, digit, left)
        has_code = self.has_code.settle(self.has_code.step(state.has_code, digit), left)
        national = self.national.step(state.national, digit, left)
        return self.settled(State(abroad, zero_follows, has_code, after_code, national))

    def settled(self, state: State) -> State:
        """The state, with what no longer matters made equal."""
        abroad = state.abroad
        if abroad is not None and not abroad.ways and (abroad.match is None or state.zero_follows):
            state = state._replace(abroad=None, zero_follows=False)
        if state.has_code == NEVER or (state.after_code is not None and self.is_national(state)):
            state = state._replace(has_code=NEVER, after_code=None)
        return state

    def is_national(self, state: State) -> bool:
        """Whether it is certain that a calling code in front is not taken for one."""
        assert state.after_code is not None
        try:
            return not self.is_better_without_code(state, state.after_code)
        except UndecidedError:
            return False

    def is_better_without_code(self, state: State, after_code: PrefixState) -> bool:
        """_maybe_extract_country_code, its part for numbers without an international prefix"""
        if self.is_too_long:
            return True
        return not holds(state.national.original) and self.after_code.leaves_viable(after_code)

    def decide(self, state: State, left: int) -> Reference:
        """Raises UndecidedError when more digits are needed."""
        if state.abroad is not None:
            match = state.abroad.match
            if state.abroad.ways or match is None or (match.end == self.length - left and left):
                raise UndecidedError
            return self.international(match.end)
        after_code = state.after_code
        if (
            after_code is not None
            and holds(state.has_code)
            and self.is_better_without_code(state, after_code)
        ):
            return self.with_code(self.after_code.decide(after_code))
        return self.of_region(self.national.decide(state.national))

    def international(self, dropped: int) -> Reference:
        if self.length - dropped < MIN_DIGITS:
            return self.graph.reason(facts.TOO_SHORT, Source.IDD)
        return self.graph.rewriting(Strip("", 0, 0, dropped), self.length, Goal.DIALLED, Source.IDD)

    def with_code(self, strip: Strip) -> Reference:
        """For digits that begin with the calling code, `strip` done to what follows it."""
        if strip.length_of(self.length - len(self.calling_code)) < MIN_NSN:
            return self.graph.reason(facts.TOO_SHORT, Source.CODE)
        whole = of_national_number(strip, self.calling_code)
        return self.graph.rewriting(whole, self.length, Goal.DIALLED, Source.CODE)

    def of_region(self, strip: Strip) -> Reference:
        nsn_length = strip.length_of(self.length)
        if not MIN_NSN <= nsn_length <= MAX_NSN:
            reason = facts.TOO_SHORT if nsn_length < MIN_NSN else facts.TOO_LONG
            return self.graph.reason(reason, Source.DEFAULT)
        whole = strip._replace(literal=self.calling_code + strip.literal)
        return self.graph.rewriting(whole, self.length, Goal.STRIPPED, Source.DEFAULT)
