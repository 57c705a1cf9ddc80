"""The payer: on whose account lookups go, where more than an answer is owed: a part of a batch."""

from collections.abc import Awaitable, Callable

from validator_svc.lookup.cached_answer import Kept
from validator_svc.record.record import FREE
from validator_svc.upstreams.outcome import CACHE, Outcome, Unanswered

ACCOUNTED = ("paid", "cost_nano")
"""The fields of an account: numbers paid for, and what they cost in billionths of a USD."""


class Payer:
    """Pays for the lookups of one piece of work, and is told what became of them.

    What is paid is added to `account`, a hash in the store, in the same moment in which the answers
    are kept (see `ACCOUNTED`), for as long as the hash is there. `part` names the piece of work within
    everybody's: whoever does it again after a crash finds by it which of the kept answers it paid for
    itself. `is_open` tells whether more is to be paid; it is asked before each request to the upstream,
    and raises redis.exceptions.RedisError.
    """

    def __init__(self, account: str, part: str, is_open: Callable[[], Awaitable[bool]]) -> None:
        self.account = account
        self.part = part
        self.is_open = is_open
        self.unanswered: dict[str, Unanswered] = {}
        """Numbers (digits of E.164) whose request failed as a whole."""
        self._charged: set[str] = set()

    def told(self, digits: str, outcome: Outcome) -> Outcome:
        """What to tell of a number: its outcome, with its cost only where that is told first."""
        if outcome.unanswered is not None:
            self.unanswered[digits] = outcome.unanswered
        if outcome.cost == FREE:
            return outcome
        if digits in self._charged:
            return twin(outcome)
        self._charged.add(digits)
        return outcome


def twin(outcome: Outcome) -> Outcome:
    """The outcome for whoever did not pay for it."""
    return outcome._replace(cost=FREE, source=CACHE)


def outcome_for(payer: Payer | None, kept: Kept) -> Outcome:
    """The outcome for a kept answer: with its cost for the piece of work that paid for it."""
    if is_paid_by(payer, kept):
        return Outcome(kept.answer, None, kept.supplier, kept.cost)
    return Outcome(kept.answer, None, CACHE)


def is_paid_by(payer: Payer | None, kept: Kept) -> bool:
    """Whether a kept answer is one that this piece of work paid for itself."""
    return payer is not None and kept.paid_by == payer.part
