"""Requests to the upstream for a list of numbers: by the way that fits, until each of them has an outcome."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import structlog

from validator_svc import traces
from validator_svc.lookup import metrics
from validator_svc.lookup.circuit_breaker import CircuitBreaker, Pass
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.store import STORE_ERRORS, STORE_PAUSE_S
from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.errors import (
    LostJobError,
    MalformedReplyError,
    NoFundsError,
    NotProcessedError,
    RefusedError,
    TimedOutError,
    UnreachedJobError,
    UpstreamError,
)
from validator_svc.upstreams.outcome import NO_FUNDS, UPSTREAM_FAILED, UPSTREAM_TIMEOUT, Outcome, Unanswered
from validator_svc.upstreams.protocol import Jobs, Reply, Upstream
from validator_svc.upstreams.rate_limit import RateLimit, Turn, pause_s

log = structlog.get_logger()

Answer = TypeVar("Answer")

ATTEMPTS = 5
POLL_MIN_S = 0.2
POLL_MAX_S = 5.0
UNREADABLE_POLLS_IN_A_ROW = 8
MOST_DOUBLINGS = 10

Outcomes = dict[str, Outcome]
NOBODY = ""
"""`source` of failures: nobody answered."""

# What a trial's failure makes of its number. Trials are of one number, which is worth knowing whether the
# upstream is back, so it is asked for again even if it may have been billed.
TRIED = {Unanswered.LOST: Unanswered.UNDER_WAY, Unanswered.UNAVAILABLE: Unanswered.UNDER_WAY}


class Request(NamedTuple):
    """Numbers (digits of E.164) that are to be asked for together."""

    request_type: RequestType
    numbers: Sequence[str]
    breaker_pass: Pass
    turn: Turn
    """Of the rate limit."""
    still_wanted: Callable[[], Awaitable[Sequence[str]]]
    """Those of the numbers that somebody still wants; asked before the request is repeated."""
    origins: Sequence[str] = ()
    """What it is sent for, see `traces.here`."""


class UpstreamRequests:
    """Asks one supplier: at once, or where it has jobs, by a job and polling for longer lists."""

    def __init__(
        self, upstream: Upstream, rate_limit: RateLimit, claims: Claims, breaker: CircuitBreaker
    ) -> None:
        self.upstream = upstream
        self.rate_limit = rate_limit
        metrics.RATE.labels(upstream.name).set(rate_limit.rate_per_s)
        self.claims = claims
        self.breaker = breaker

    async def turn(self) -> Turn:
        """Wait until one more request may be sent."""
        began_s = time.perf_counter()
        turn = await self.rate_limit.wait()
        metrics.note_turn(self.upstream.name, time.perf_counter() - began_s)
        return turn

    async def ask(self, request: Request) -> AsyncIterator[Outcomes]:
        """Outcomes as they become known; together they are one for each number, whatever happens."""
        jobs = self.upstream.jobs
        if jobs is None or len(request.numbers) <= jobs.above:
            parts = self._at_once(request)
        else:
            parts = self._by_job(request, jobs)
        try:
            async for outcomes in self._completed(request.numbers, parts, request.breaker_pass):
                yield outcomes
        finally:
            self.breaker.give_back(request.breaker_pass)

    async def resume(
        self, request_type: RequestType, job_id: str, numbers: Sequence[str], origins: Sequence[str] = ()
    ) -> AsyncIterator[Outcomes]:
        """Like `ask`, for numbers of a job that somebody started: goes on polling it.

        The supplier has jobs.
        """
        jobs = self.upstream.jobs
        assert jobs is not None
        followed = self._followed(jobs, request_type, job_id, numbers, origins)
        async for outcomes in self._completed(numbers, followed):
            yield outcomes

    @contextlib.contextmanager
    def _traced(self, kind: str, numbers: int, origins: Sequence[str]) -> Iterator[None]:
        """Count, time and trace a request of so many numbers."""
        told: traces.Attributes = {"validator.supplier": self.upstream.name, "validator.numbers": numbers}
        with metrics.timed(kind), traces.span(f"upstream {kind}", "client", origins, told):
            yield

    async def _completed(
        self, numbers: Sequence[str], parts: AsyncIterator[Outcomes], breaker_pass: Pass | None = None
    ) -> AsyncIterator[Outcomes]:
        """The parts, and then a coded failure for what they left out."""
        left = set(numbers)
        code, unanswered = UPSTREAM_FAILED, None
        try:
            async for outcomes in parts:
                left.difference_update(outcomes)
                self._note_funds(outcomes, breaker_pass)
                yield outcomes
        except UpstreamError as error:
            code, unanswered = code_of(error), error.unanswered
            if breaker_pass is not None and breaker_pass.is_trial and unanswered is not None:
                unanswered = TRIED.get(unanswered, unanswered)
            if not isinstance(error, (LostJobError, UnreachedJobError)):
                self.breaker.failed(error, breaker_pass)
            log.warning("upstream_failed", supplier=self.upstream.name, why=str(error), numbers=len(left))
        if left:
            yield failures(left, code, unanswered)

    def _note_funds(self, outcomes: Outcomes, breaker_pass: Pass | None) -> None:
        if any(outcome.failure == NO_FUNDS for outcome in outcomes.values()):
            self.breaker.failed(NoFundsError("numbers came back for lack of funds"), breaker_pass)
        elif any(outcome.unanswered is None for outcome in outcomes.values()):
            self.breaker.worked(breaker_pass)

    async def _at_once(self, request: Request) -> AsyncIterator[Outcomes]:
        async def look_up(numbers: Sequence[str]) -> Reply:
            with self._traced("sync", len(numbers), request.origins):
                return await self.upstream.look_up(request.request_type, numbers)

        asked, reply = await self._sent(request, look_up)
        yield reply.outcomes | not_asked(request.numbers, asked)

    async def _by_job(self, request: Request, jobs: Jobs) -> AsyncIterator[Outcomes]:
        async def start_job(numbers: Sequence[str]) -> str:
            with self._traced("start", len(numbers), request.origins):
                return await jobs.start_job(request.request_type, numbers)

        asked, job_id = await self._sent(request, start_job)
        self.breaker.accepted(request.breaker_pass)
        is_noted = True
        try:
            await self.claims.store_job(request.request_type, self.upstream.name, job_id, asked)
        except STORE_ERRORS:
            # It is paid for already; only a restart before its end would pay again.
            log.warning("job_not_noted", numbers=len(asked))
            is_noted = False
        if len(asked) < len(request.numbers):
            yield not_asked(request.numbers, asked)
        followed = self._followed(jobs, request.request_type, job_id, asked, request.origins, is_noted)
        async for outcomes in followed:
            yield outcomes

    async def _sent(
        self, request: Request, send: Callable[[Sequence[str]], Awaitable[Answer]]
    ) -> tuple[Sequence[str], Answer]:
        """Send until the upstream takes it on, as long as repeating is safe and somebody wants it.

        Returns the numbers that were asked at last, and the answer. Raises UpstreamError.
        """
        numbers, turn = request.numbers, request.turn
        for attempt in range(ATTEMPTS):
            with turn.sending():
                if attempt and not (numbers := await request.still_wanted()):
                    raise NotProcessedError("nobody wants it any more")
                try:
                    return numbers, await send(numbers)
                except NotProcessedError as error:
                    if attempt == ATTEMPTS - 1:
                        raise
                    again_s = pause_s(attempt, error.retry_after_s)
            await asyncio.sleep(again_s)
            turn = await self.turn()
        raise AssertionError("unreachable")

    async def _followed(
        self,
        jobs: Jobs,
        request_type: RequestType,
        job_id: str,
        numbers: Sequence[str],
        origins: Sequence[str],
        is_noted: bool = True,
    ) -> AsyncIterator[Outcomes]:
        """Poll until nothing is pending.

        Raises TimedOutError when that takes too long, LostJobError when there is nothing to be had,
        UnreachedJobError when the upstream does not tell, and the job is noted.
        """
        left = dict.fromkeys(numbers)
        deadline_s = time.monotonic() + jobs.timeout_s
        pace = PollPace()
        try:
            while left:
                await asyncio.sleep(pace.next_s())
                if time.monotonic() > deadline_s:
                    raise TimedOutError("the job does not end")
                reply = await self._poll(jobs, job_id, list(left), deadline_s, origins)
                for digits in reply.outcomes:
                    del left[digits]
                if reply.outcomes:
                    yield reply.outcomes
                    # Whoever took them has kept them by now.
                    await self._forget(request_type, list(reply.outcomes))
                if reply.pending == 0:
                    return
                pace.saw(reply.pending)
        except UnreachedJobError as error:
            if not is_noted:
                raise LostJobError(str(error)) from None
            raise
        except UpstreamError:
            await self._forget(request_type, list(left))
            raise

    async def _forget(self, request_type: RequestType, numbers: Sequence[str]) -> None:
        """Drop the notes of an ended job, when the store is there: others would poll it for a day."""
        while True:
            try:
                return await self.claims.forget_jobs(request_type, numbers)
            except STORE_ERRORS:
                await asyncio.sleep(STORE_PAUSE_S)

    async def _poll(
        self, jobs: Jobs, job_id: str, numbers: Sequence[str], deadline_s: float, origins: Sequence[str]
    ) -> Reply:
        """One poll that succeeds; it costs nothing, so it is tried until the job's time is over."""
        attempt = unreadable = 0
        while True:
            try:
                turn = await self.turn()
                with turn.sending(), self._traced("poll", len(numbers), origins):
                    return await jobs.poll(job_id, numbers)
            except LostJobError:
                raise
            except UpstreamError as error:
                unreadable = unreadable + 1 if isinstance(error, MalformedReplyError) else 0
                if unreadable == UNREADABLE_POLLS_IN_A_ROW:
                    raise LostJobError(str(error)) from None
                if isinstance(error, RefusedError) or time.monotonic() > deadline_s:
                    self.breaker.failed(error, None)
                    raise UnreachedJobError(str(error)) from None
                await asyncio.sleep(pause_s(attempt, getattr(error, "retry_after_s", None)))
                attempt = min(attempt + 1, MOST_DOUBLINGS)


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


def failures(numbers: Iterable[str], code: str, unanswered: Unanswered | None) -> Outcomes:
    """The same failure for each number."""
    return dict.fromkeys(numbers, Outcome(None, code, NOBODY, unanswered=unanswered))


def not_asked(numbers: Iterable[str], asked: Sequence[str]) -> Outcomes:
    """Failures for those of the numbers that were left out, as nobody wanted them any more."""
    return failures(set(numbers).difference(asked), UPSTREAM_FAILED, Unanswered.NOT_ASKED)
