"""Dialled digits of which the first alone decide what is meant.

With the length they nearly always do: a national prefix comes off, the calling code goes in front, or
neither. What they leave open is for `Dialling.read`, whose steps are followed here.
"""

from typing import NamedTuple

from validator_svc.numbering.plan.automaton import ALWAYS, NEVER, automaton, match_within
from validator_svc.numbering.plan.dialling import Dialling
from validator_svc.numbering.plan.lengths import MAX_NSN, MIN_NSN
from validator_svc.numbering.plan.patterns import UnsupportedPatternError
from validator_svc.numbering.plan.territory import Part, UndecidedError, holds
from validator_svc.numbering.plan.trunk import TrunkQuestion


class Rewriting(NamedTuple):
    """How dialled digits become international ones."""

    calling_code: str
    """Put in front; empty when it is there."""
    dropped: int
    """Digits taken off at the beginning: a national or international prefix."""
    is_stripped: bool
    """As in `Dialled`."""


class Beginnings:
    """What the first digits decide about the numbers of one region, length by length."""

    def __init__(self, dialling: Dialling) -> None:
        self.dialling = dialling
        self.questions: dict[int, Question] = {}

    def rewriting(self, length: int, beginning: str) -> Rewriting | None:
        """What becomes of all `length` digits with this beginning; None when `read` has to be asked."""
        try:
            question = self.questions.get(length) or Question(self.dialling, length)
            self.questions[length] = question
            return question.answer(beginning)
        except (UndecidedError, UnsupportedPatternError):
            return None


class Question:
    """`Dialling.read` for one length, asked about digits of which only the first are known."""

    def __init__(self, dialling: Dialling, length: int) -> None:
        """Raises UnsupportedPatternError."""
        self.dialling = dialling
        self.length = length
        trunk = dialling.trunk
        # A pattern that is empty stands for none: of whole numbers it matches not one.
        self.abroad = automaton(dialling.idd_pattern, prefix=bool(dialling.idd_pattern))
        self.has_code = automaton(dialling.calling_code, prefix=True)
        self.viable = automaton(trunk.general_desc.national_number_pattern or "")
        self.prefixed = TrunkQuestion(trunk, length)
        self.any_prefix = automaton(trunk.pattern, prefix=bool(trunk.pattern))

    def answer(self, beginning: str) -> Rewriting | None:
        """Raises UndecidedError when more digits are needed."""
        if self.holds(self.abroad, beginning):
            return self.international(beginning)
        code = self.dialling.calling_code
        if self.holds(self.has_code, beginning):
            if self.holds(self.any_prefix, beginning, len(code)):
                return None
            if self.dialling.is_too_long(self.length) or (
                self.holds(self.viable, beginning, len(code)) and not self.holds(self.viable, beginning)
            ):
                return Rewriting("", 0, is_stripped=False)
        if not self.holds(self.prefixed, beginning):
            return self.national(0)
        prefix = self.dialling.trunk.prefix_of(beginning)
        if prefix is None:
            return None
        return self.national(len(prefix) if self.loses(len(prefix), beginning) else 0)

    def international(self, beginning: str) -> Rewriting | None:
        """For digits that begin with an international prefix."""
        found = match_within(self.dialling.idd_pattern, beginning)
        if found is None:
            return None
        following = beginning[found.end() : found.end() + 1]
        return Rewriting("", found.end(), is_stripped=False) if following not in ("", "0") else None

    def loses(self, prefix_length: int, beginning: str) -> bool:
        """Trunk.strip, after the match"""
        if self.dialling.trunk.keeps_prefix(self.length - prefix_length):
            return False
        rest = self.state(self.viable, beginning, prefix_length)
        return rest == ALWAYS or not self.holds(self.viable, beginning) or holds(rest)

    def holds(self, part: Part, beginning: str, skipped: int = 0) -> bool:
        """Whether a part holds for what follows so many digits. Raises UndecidedError."""
        return holds(self.state(part, beginning, skipped))

    def state(self, part: Part, beginning: str, skipped: int) -> int:
        left = self.length - skipped
        if left <= 0:
            return NEVER
        state = part.settle(part.start, left)
        for digit in beginning[skipped:]:
            if state <= ALWAYS:
                break
            left -= 1
            state = part.settle(part.step(state, int(digit)), left)
        return state

    def national(self, dropped: int) -> Rewriting | None:
        """For a number of the region, without so many digits."""
        if not MIN_NSN <= self.length - dropped <= MAX_NSN:
            return None
        return Rewriting(self.dialling.calling_code, dropped, is_stripped=True)
