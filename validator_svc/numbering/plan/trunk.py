"""National prefixes (trunk prefixes, carrier selection) and how they are taken off.

`phonenumbers` takes them off international numbers too, by the rule of the calling code's main
region: +44 (0)20 7946 0018 is read as +44 20 7946 0018. The rules are regular expressions with
match priority and captures, so the exact answer is `Trunk.strip`; the automaton here only tells
for which numbers there is something to ask.
"""

import re

from phonenumbers.phonemetadata import PhoneMetadata

from validator_svc.numbering.plan.automaton import ALWAYS, NEVER, automaton, match_within
from validator_svc.numbering.plan.lengths import KEEPS_PREFIX, general_desc_of, reason_of_length


class Trunk:
    """The national prefix rule of one region."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.general_desc = general_desc_of(metadata)
        self.pattern = metadata.national_prefix_for_parsing or ""
        self.transform = metadata.national_prefix_transform_rule or ""
        self.match = re.compile(self.pattern).match
        self.is_viable = re.compile(self.general_desc.national_number_pattern or "").fullmatch

    def strip(self, digits: str) -> str:
        """The national (significant) number within `digits`, as `phonenumbers.parse` finds it."""
        stripped = self.strip_if_viable(digits)
        return digits if self.keeps_prefix(len(stripped)) else stripped

    def strip_if_viable(self, digits: str) -> str:
        found = self.match(digits) if self.pattern and digits else None
        if found is None:
            return digits
        if self.transform and found.groups()[-1] is not None:
            stripped = found.expand(self.transform) + digits[found.end() :]
        else:
            stripped = digits[found.end() :]
        if self.is_viable(digits) and not self.is_viable(stripped):
            return digits
        return stripped

    def prefix_of(self, beginning: str) -> str | None:
        """What comes off every number with this beginning, viability aside.

        None when that depends on further digits, or more than that is done. Raises UnsupportedPatternError.
        """
        found = match_within(self.pattern, beginning)
        if found is None or (self.transform and found.groups()[-1] is not None):
            return None
        return found[0]

    def keeps_prefix(self, stripped_length: int) -> bool:
        """Whether a number that would be left with so many digits keeps its prefix."""
        return stripped_length == 0 or reason_of_length(self.general_desc, stripped_length) in KEEPS_PREFIX


class TrunkQuestion:
    """Whether a number of `length` digits may begin with a national prefix that comes off.

    Asked like an automaton. ALWAYS means "ask `Trunk.strip`".
    """

    def __init__(self, trunk: Trunk, length: int) -> None:
        """Raises UnsupportedPatternError."""
        self.trunk = trunk
        self.length = length
        self.rule = automaton(trunk.pattern)
        self.start = self.rule.start if trunk.pattern else NEVER
        self.settled: dict[tuple[int, int], int] = {}

    def step(self, state: int, digit: int) -> int:
        return self.rule.step(state, digit)

    def settle(self, state: int, left: int) -> int:
        if state <= ALWAYS:
            return state
        settled = self.settled.get((state, left))
        if settled is None:
            settled = self.settled[state, left] = self.settle_anew(state, left)
        return settled

    def settle_anew(self, state: int, left: int) -> int:
        taken = self.length - left
        if taken and self.rule.ends(state, left) and self.comes_off(taken):
            return ALWAYS
        later = left and any(self.settle(self.step(state, digit), left - 1) for digit in range(10))
        return state if later else NEVER

    def comes_off(self, taken: int) -> bool:
        # A transform writes digits of its own, so what it leaves is not known from the length alone.
        return bool(self.trunk.transform) or not self.trunk.keeps_prefix(self.length - taken)
