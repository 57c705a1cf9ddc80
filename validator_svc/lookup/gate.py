"""The gate to the upstream: shut while asking is pointless, so that nobody waits and nothing is spent.

It shuts after several failures in a row (a circuit breaker), at once when the key is refused, and
at once when the account is empty. After a while one request is let through to try: if it works, the
gate opens, otherwise it stays shut, longer each time after plain failures.
"""

import random
import time
from enum import StrEnum

import structlog

from validator_svc.lookup.live import NO_FUNDS, UPSTREAM_FAILED
from validator_svc.lookup.upstream import NoFundsError, RefusedError, UpstreamError

log = structlog.get_logger()

FAILURES_IN_A_ROW = 5
BREAK_START_S = 2.0
BREAK_MAX_S = 60.0
# An operator has to act before these can change.
OPERATOR_S = 60.0


class GateState(StrEnum):
    """Why the gate is shut, or that it is not."""

    OPEN = "open"
    BROKEN = "broken"
    """Several requests in a row failed."""
    REFUSED = "refused"
    """The upstream does not take the key."""
    NO_FUNDS = "no_funds"
    """The account is empty."""


class Gate:
    """Whether the upstream may be asked; one for each account."""

    def __init__(self, operator_s: float = OPERATOR_S) -> None:
        self.state = GateState.OPEN
        self.operator_s = operator_s
        self._failures = 0
        self._breaks = 0
        self._try_at_s = 0.0

    def closed(self) -> str | None:
        """The error code for whoever may not ask now; None lets one pass."""
        if self.state is GateState.OPEN:
            return None
        if time.monotonic() >= self._try_at_s:
            # One passes to try; the others wait for what comes of it.
            self._try_at_s = time.monotonic() + self.operator_s
            return None
        return NO_FUNDS if self.state is GateState.NO_FUNDS else UPSTREAM_FAILED

    def worked(self) -> None:
        """A request was answered."""
        self._failures = self._breaks = 0
        if self.state is not GateState.OPEN:
            log.info("upstream_gate_opened", was=self.state.value)
            self.state = GateState.OPEN

    def failed(self, error: UpstreamError) -> None:
        """A request was not answered."""
        self._failures += 1
        if isinstance(error, RefusedError):
            self._shut(GateState.REFUSED, self.operator_s)
        elif isinstance(error, NoFundsError):
            self._shut(GateState.NO_FUNDS, self.operator_s)
        elif self.state is not GateState.OPEN or self._failures >= FAILURES_IN_A_ROW:
            longest_s = min(BREAK_MAX_S, BREAK_START_S * 2**self._breaks)
            self._breaks += 1
            self._shut(GateState.BROKEN, random.uniform(longest_s / 2, longest_s))  # noqa: S311

    def _shut(self, state: GateState, for_s: float) -> None:
        if self.state is not state:
            log.error("upstream_gate_shut", why=state.value)
        self.state = state
        self._try_at_s = time.monotonic() + for_s
