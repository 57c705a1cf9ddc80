"""Rows that the upstream did not answer as a whole: which of them wait to be asked again, and why.

What it neither did nor billed (no funds, the key refused, 429, an open breaker …) is asked again, however
long it takes; where it said that it is not available (503), so often. What it may have billed (500, a
connection that broke …) is asked again only where the upstream was away as a whole, and so often. What
failed by itself, or timed out, stands.
"""

from collections.abc import Mapping
from typing import NamedTuple

from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.record.finished import E164, FAILED, LIVE, NO_FUNDS, TIMED_OUT
from validator_svc.upstreams.outcome import Unanswered

WHY = {
    BreakerState.BROKEN: "upstream_away: the upstream does not answer; goes on by itself when it does",
    BreakerState.REFUSED: "upstream_refused: the upstream refuses its key; /readyz names the setting",
    BreakerState.NO_FUNDS: "no_funds: the upstream account is empty; goes on by itself when it is not",
}

# The upstream did nothing, or asking it again goes on with what it did.
ASKED_AGAIN = (Unanswered.NOT_ASKED, Unanswered.UNDER_WAY)


class Round(NamedTuple):
    """What came of asking for rows."""

    lines: bytes
    """The records, one line a row."""
    failed: dict[int, Unanswered]
    """The rows that were not answered as the upstream failed as a whole."""
    breaker: BreakerState
    """The state of the breaker afterwards."""
    has_broken: bool = False
    """Whether the breaker opened after failures in a row meanwhile."""

    @property
    def is_limited(self) -> bool:
        """Whether these rows may be put back only so often.

        So it is with what may have been billed, and where nothing at all was answered though the
        upstream works for others: a row that breaks every request would go round for ever.
        """
        if not self.failed:
            return False
        return bool(self._lost) or (self.breaker is BreakerState.CLOSED and not LIVE.search(self.lines))

    def waiting(self, may_be_repeated: bool) -> list[int]:
        """The rows that wait; `may_be_repeated` tells whether they were put back less than so often."""
        not_asked = [at for at, each in self.failed.items() if each in ASKED_AGAIN]
        if may_be_repeated:
            return sorted([*not_asked, *self._lost])
        return not_asked if self.breaker is not BreakerState.CLOSED or LIVE.search(self.lines) else []

    @property
    def why(self) -> str:
        """What the batch waits for."""
        if self.breaker is not BreakerState.CLOSED:
            return WHY[self.breaker]
        return WHY[BreakerState.NO_FUNDS if NO_FUNDS in self.lines else BreakerState.BROKEN]

    @property
    def _lost(self) -> list[int]:
        """Rows that may have been billed: of an upstream that was not there, or seems to have been away."""
        kinds = {Unanswered.UNAVAILABLE}
        was_away = self.has_broken or self.breaker is BreakerState.BROKEN
        if was_away or not (LIVE.search(self.lines) or TIMED_OUT in self.lines):
            kinds.add(Unanswered.LOST)
        return [at for at, each in self.failed.items() if each in kinds]


def failed_as_a_whole(lines: bytes, unanswered: Mapping[str, Unanswered]) -> dict[int, Unanswered]:
    """Which of the records are of numbers (digits of E.164) whose request failed as a whole, and how."""
    failed = {}
    for at, line in enumerate(lines.splitlines()):
        if FAILED.search(line) and (number := E164.search(line)):
            digits = number[1].decode()
            if digits in unanswered:
                failed[at] = unanswered[digits]
    return failed
