"""The breaker to the upstream: open while asking is pointless, so that nobody waits and nothing is spent.

It opens after several failures in a row (a circuit breaker), at once when the key is refused, and
at once when the account is empty. After a while one request is let through to try: if it works, the
breaker closes, otherwise it stays open, longer each time after plain failures.
"""

import random
import time
from enum import StrEnum
from typing import NamedTuple

import structlog

from validator_svc.upstreams.errors import NoFundsError, RefusedError, UpstreamError
from validator_svc.upstreams.outcome import NO_FUNDS, UPSTREAM_FAILED

log = structlog.get_logger()

FAILURES_IN_A_ROW = 5
BREAK_START_S = 2.0
BREAK_MAX_S = 60.0
# An operator has to act before these can change.
OPERATOR_S = 60.0


class BreakerState(StrEnum):
    """Why the breaker is open, or that it is closed."""

    CLOSED = "closed"
    """Requests go through."""
    BROKEN = "broken"
    """Several requests in a row failed."""
    REFUSED = "refused"
    """The upstream does not take the key."""
    NO_FUNDS = "no_funds"
    """The account is empty."""


class Pass(NamedTuple):
    """What a request was let through with."""

    number: int
    is_trial: bool
    """Whether it was let through an open breaker, to try."""
    opened_before: int
    """How often the breaker had opened before it passed."""
    turn: int
    """How often it had opened, closed, or been vouched for by an operator before."""


class CircuitBreaker:
    """Whether the upstream may be asked; one for each account and process.

    Whoever asks takes a pass by `try_acquire`, and ends it by `worked`, `failed` or `give_back`.
    """

    def __init__(self, operator_s: float = OPERATOR_S) -> None:
        self.state = BreakerState.CLOSED
        self.operator_s = operator_s
        self.times_broken = 0
        """How often it opened after failures in a row."""
        self._failures = 0
        self._breaks = 0
        self._try_at_s = 0.0
        self._passes = 0
        self._times_opened = 0
        self._turns = 0
        self._trial: Pass | None = None
        self._trial_until_s = 0.0

    @property
    def is_tried(self) -> bool:
        """Whether a trial is under way, so that what comes of it may be waited for."""
        return self._trial is not None and time.monotonic() < self._trial_until_s

    @property
    def is_passable(self) -> bool:
        """Whether `try_acquire` would let a request through now; asking changes nothing."""
        if self.state is BreakerState.CLOSED:
            return True
        return not self.is_tried and time.monotonic() >= self._try_at_s

    @property
    def refusal(self) -> str:
        """The error code for whoever is not let through an open breaker."""
        return NO_FUNDS if self.state is BreakerState.NO_FUNDS else UPSTREAM_FAILED

    def try_acquire(self) -> Pass | None:
        """A pass for one request; None while the breaker is open. One passes to try when it is time."""
        if not self.is_passable:
            return None
        self._passes += 1
        is_trial = self.state is not BreakerState.CLOSED
        given = Pass(self._passes, is_trial, self._times_opened, self._turns)
        if is_trial:
            # A trial that is never heard of again must not keep the breaker open for ever.
            self._trial, self._trial_until_s = given, time.monotonic() + self.operator_s
        return given

    def give_back(self, given: Pass) -> None:
        """The request was not sent, or nothing was learnt from it: another one may try in its place."""
        self._end_trial(given)

    def try_now(self) -> None:
        """An operator says that it works again: the next request tries, however long ago it last failed."""
        self._try_at_s = 0.0
        self._turns += 1

    def accepted(self, given: Pass) -> None:
        """The upstream took on a job: it is there, and takes the key; whether it has funds shows later."""
        if self.state is not BreakerState.NO_FUNDS:
            self.worked(given)

    def worked(self, given: Pass | None) -> None:
        """A request was answered; None for one that needed no pass, as asking for a job's results."""
        if given is not None:
            self._end_trial(given)
        if self.state is BreakerState.NO_FUNDS and (
            given is None or given.opened_before < self._times_opened
        ):
            # What was asked while there were funds says nothing of those there are now.
            return
        self._failures = self._breaks = 0
        if self.state is not BreakerState.CLOSED:
            log.info("circuit_breaker_closed", was=self.state.value)
            self.state = BreakerState.CLOSED
            self._turns += 1

    def failed(self, error: UpstreamError, given: Pass | None) -> None:
        """A request was not answered; None for one that needed no pass.

        What was asked before the breaker last turned says nothing of how it is now.
        """
        if given is not None:
            self._end_trial(given)
        if isinstance(error, NoFundsError) if given is None else given.turn < self._turns:
            return
        self._failures += 1
        if isinstance(error, RefusedError):
            self._open(BreakerState.REFUSED, self.operator_s)
        elif isinstance(error, NoFundsError):
            self._open(BreakerState.NO_FUNDS, self.operator_s)
        elif self.state is BreakerState.CLOSED:
            if self._failures >= FAILURES_IN_A_ROW:
                self._break()
        elif given is not None and given.is_trial:
            # Only a trial's failure is news: the others passed before the breaker opened.
            self._break()

    def _break(self) -> None:
        longest_s = min(BREAK_MAX_S, BREAK_START_S * 2**self._breaks)
        self._breaks += 1
        self._open(BreakerState.BROKEN, random.uniform(longest_s / 2, longest_s))  # noqa: S311

    def _open(self, state: BreakerState, for_s: float) -> None:
        if self.state is not state:
            log.error("circuit_breaker_opened", why=state.value)
            self._times_opened += 1
            self.times_broken += state is BreakerState.BROKEN
            self._turns += 1
        self.state = state
        self._try_at_s = time.monotonic() + for_s

    def _end_trial(self, given: Pass) -> None:
        if self._trial == given:
            self._trial = None
