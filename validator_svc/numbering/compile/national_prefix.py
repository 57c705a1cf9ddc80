"""What becomes of a number's national prefix, decided digit by digit.

National prefixes are those for trunk calls and for the selection of a carrier. `phonenumbers` takes them
off international numbers too, by the rule of the calling code's main region: +44 (0)20 7946 0018 is
read as +44 20 7946 0018. Follows `phonenumberutil._maybe_strip_national_prefix_carrier_code` and
what `phonenumberutil.parse` does after it.
"""

from typing import NamedTuple

from phonenumbers.phonemetadata import PhoneMetadata

from validator_svc.numbering.compile.automaton import ALWAYS, NEVER, automaton
from validator_svc.numbering.compile.lengths import KEEPS_PREFIX, general_desc_of, reason_of_length
from validator_svc.numbering.compile.prefix_match import NOWHERE, Match, PrefixMatch
from validator_svc.numbering.compile.prefix_match import State as MatchState
from validator_svc.numbering.compile.territory import UndecidedError, holds


class Strip(NamedTuple):
    """What takes the place of a number: literal + digits[start:stop] + digits[drop:]."""

    literal: str
    start: int
    stop: int
    drop: int

    def length_of(self, length: int) -> int:
        """Digits of a number that had `length` before."""
        return len(self.literal) + self.stop - self.start + length - self.drop


AS_IT_IS = Strip("", 0, 0, 0)


class State(NamedTuple):
    """What is known of a number after some digits."""

    match: MatchState
    original: int
    """Whether the number as it is fits the region: state of the viability automaton."""


class NationalPrefix:
    """The national prefix rule of one region, for numbers of one length."""

    def __init__(self, metadata: PhoneMetadata, length: int, may_keep: bool = True) -> None:
        """Raises UnsupportedPatternError.

        With `may_keep` a number that would be too short without its prefix keeps it.
        """
        self.general_desc = general_desc_of(metadata)
        self.length = length
        self.may_keep = may_keep
        self.viable = automaton(self.general_desc.national_number_pattern or "")
        pattern = metadata.national_prefix_for_parsing or ""
        transform = metadata.national_prefix_transform_rule or ""
        self.rule = PrefixMatch(pattern, length, transform, self.viable)
        self.start = self.settled(self.rule.start, self.viable.start, length)

    def step(self, state: State, digit: int, left: int) -> State:
        """After one more digit, with `left` still to come."""
        match = state.match
        if match.ways or match.match:
            match = self.rule.step(match, digit, self.length - left - 1)
        return self.settled(match, self.viable.step(state.original, digit), left)

    def settled(self, match: MatchState, original: int, left: int) -> State:
        """The state, with what no longer matters made equal."""
        original = self.viable.settle(original, left)
        found = match.match
        if found is not None and not match.ways:
            if self.keeps(self.strip_of(found)):
                return State(MatchState((), None), original)
            rewritten = self.viable.settle(found.rewritten, left)
            match = MatchState((), found._replace(rewritten=rewritten))
        return State(match, original)

    def keeps(self, strip: Strip) -> bool:
        """Whether the number is the same after all, whatever its digits."""
        if strip == AS_IT_IS:
            return True
        left = strip.length_of(self.length)
        return self.may_keep and (left == 0 or reason_of_length(self.general_desc, left) in KEEPS_PREFIX)

    def strip_of(self, match: Match) -> Strip:
        if match.start == NOWHERE:
            return Strip("", 0, 0, match.end)
        return Strip(self.rule.transform.literal, match.start, match.stop, match.end)

    def decide(self, state: State) -> Strip:
        """What is taken off. Raises UndecidedError."""
        if state.match.ways:
            raise UndecidedError
        match = state.match.match
        if match is None:
            return AS_IT_IS
        if state.original == NEVER or match.rewritten == ALWAYS:
            return self.strip_of(match)
        if match.rewritten == NEVER:
            return AS_IT_IS if holds(state.original) else self.strip_of(match)
        raise UndecidedError

    def leaves_viable(self, state: State) -> bool:
        """Whether what is left fits the region. Raises UndecidedError."""
        strip = self.decide(state)
        match = state.match.match
        return holds(state.original if strip == AS_IT_IS or match is None else match.rewritten)
