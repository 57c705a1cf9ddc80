"""Asking the upstream for a list of numbers: by the way that fits, until each of them has an outcome."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.gate import Gate
from validator_svc.lookup.live import NO_FUNDS, UPSTREAM_FAILED, UPSTREAM_TIMEOUT, Outcome
from validator_svc.lookup.pacing import pause_s
from validator_svc.lookup.store import STORE_ERRORS
from validator_svc.lookup.upstream import (
    NoFundsError,
    RefusedError,
    TimedOutError,
    UnknownJobError,
    UpstreamError,
)
from validator_svc.lookup.wavix import WavixClient
from validator_svc.lookup.wavix_items import NAME, Reply
from validator_svc.numbering.facts import RequestType

log = structlog.get_logger()

POLL_MIN_S = 0.2
POLL_MAX_S = 5.0
POLL_FAILURES_IN_A_ROW = 8

Outcomes = dict[str, Outcome]


class Asking:
    """Asks by the synchronous endpoint up to `sync_max` numbers, by a job and polling above."""

    def __init__(
        self, client: WavixClient, claims: Claims, gate: Gate, sync_max: int, job_timeout_s: float
    ) -> None:
        self.client = client
        self.claims = claims
        self.gate = gate
        self.sync_max = sync_max
        self.job_timeout_s = job_timeout_s

    async def ask(self, request_type: RequestType, numbers: Sequence[str]) -> AsyncIterator[Outcomes]:
        """Outcomes as they become known; together they are one for each number, whatever happens.

        The caller has waited for a turn with the client's pacer.
        """
        parts = self._at_once if len(numbers) <= self.sync_max else self._by_job
        async for outcomes in self._completed(numbers, parts(request_type, numbers)):
            yield outcomes

    async def resume(
        self, request_type: RequestType, job_id: str, numbers: Sequence[str]
    ) -> AsyncIterator[Outcomes]:
        """Like `ask`, for numbers of a job that somebody started: goes on polling it."""
        async for outcomes in self._completed(numbers, self._followed(request_type, job_id, numbers)):
            yield outcomes

    async def _completed(
        self, numbers: Sequence[str], parts: AsyncIterator[Outcomes]
    ) -> AsyncIterator[Outcomes]:
        """The parts, and then a coded failure for what they left out."""
        left = set(numbers)
        code = UPSTREAM_FAILED
        try:
            async for outcomes in parts:
                left.difference_update(outcomes)
                self._note_funds(outcomes)
                yield outcomes
        except UpstreamError as error:
            code = code_of(error)
            self.gate.failed(error)
            log.warning("upstream_failed", why=str(error), numbers=len(left))
        if left:
            yield failures(left, code)

    def _note_funds(self, outcomes: Outcomes) -> None:
        if any(outcome.failure == NO_FUNDS for outcome in outcomes.values()):
            self.gate.failed(NoFundsError("numbers came back for lack of funds"))
        else:
            self.gate.worked()

    async def _at_once(self, request_type: RequestType, numbers: Sequence[str]) -> AsyncIterator[Outcomes]:
        with metrics.timed("sync"):
            reply = await self.client.look_up(request_type, numbers)
        yield reply.outcomes

    async def _by_job(self, request_type: RequestType, numbers: Sequence[str]) -> AsyncIterator[Outcomes]:
        with metrics.timed("start"):
            job_id = await self.client.start_job(request_type, numbers)
        try:
            await self.claims.store_job(request_type, job_id, numbers)
        except STORE_ERRORS:
            # It is paid for already; only a restart before its end would pay again.
            log.warning("job_not_noted", numbers=len(numbers))
        async for outcomes in self._followed(request_type, job_id, numbers):
            yield outcomes

    async def _followed(
        self, request_type: RequestType, job_id: str, numbers: Sequence[str]
    ) -> AsyncIterator[Outcomes]:
        """Poll until nothing is pending; raises TimedOutError when that takes too long."""
        left = dict.fromkeys(numbers)
        deadline_s = time.monotonic() + self.job_timeout_s
        pace = PollPace()
        try:
            while left:
                await asyncio.sleep(pace.next_s())
                if time.monotonic() > deadline_s:
                    raise TimedOutError("the job does not end")
                reply = await self._poll(job_id, list(left), deadline_s)
                for digits in reply.outcomes:
                    del left[digits]
                if reply.outcomes:
                    yield reply.outcomes
                    # Whoever took them has kept them by now.
                    await self._forget(request_type, list(reply.outcomes))
                if reply.pending == 0:
                    return
                pace.saw(reply.pending)
        except UpstreamError:
            await self._forget(request_type, list(left))
            raise

    async def _forget(self, request_type: RequestType, numbers: Sequence[str]) -> None:
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.forget_jobs(request_type, numbers)

    async def _poll(self, job_id: str, numbers: Sequence[str], deadline_s: float) -> Reply:
        """One poll that succeeds; it costs nothing, so it is tried again and again."""
        for attempt in range(POLL_FAILURES_IN_A_ROW):
            try:
                await self.client.pacer.wait()
                with metrics.timed("poll"):
                    return await self.client.poll(job_id, numbers)
            except (UnknownJobError, RefusedError):
                raise
            except UpstreamError as error:
                if attempt == POLL_FAILURES_IN_A_ROW - 1 or time.monotonic() > deadline_s:
                    raise
                await asyncio.sleep(pause_s(attempt, getattr(error, "retry_after_s", None)))
        raise AssertionError("unreachable")


class PollPace:
    """When to poll next: about when half of what is pending should be done, as it went so far."""

    def __init__(self) -> None:
        self._pause_s = POLL_MIN_S
        self._pending: int | None = None
        self._at_s = time.monotonic()

    def saw(self, pending: int) -> None:
        """Learn from a poll."""
        now_s = time.monotonic()
        done = 0 if self._pending is None else self._pending - pending
        if done > 0:
            self._pause_s = pending / done * (now_s - self._at_s) / 2
        else:
            self._pause_s *= 1.5
        self._pending, self._at_s = pending, now_s

    def next_s(self) -> float:
        """The pause before the next poll, within bounds, with jitter."""
        self._pause_s = min(max(self._pause_s, POLL_MIN_S), POLL_MAX_S)
        return pause_s(0, self._pause_s)


def code_of(error: UpstreamError) -> str:
    """The error code that tells of a failure on the wire."""
    if isinstance(error, TimedOutError):
        return UPSTREAM_TIMEOUT
    return NO_FUNDS if isinstance(error, NoFundsError) else UPSTREAM_FAILED


def failures(numbers: Iterable[str], code: str) -> Outcomes:
    """The same failure for each number."""
    return dict.fromkeys(numbers, Outcome(None, code, NAME))
