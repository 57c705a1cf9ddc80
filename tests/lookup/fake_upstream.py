"""An upstream for unit tests: the protocol's plainest implementation, which a test tells what to do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from redis.asyncio import Redis

from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.circuit_breaker import CircuitBreaker
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.routes import Route, Routes
from validator_svc.lookup.upstream_requests import UpstreamRequests
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.upstreams.choice import Choice
from validator_svc.upstreams.errors import LostJobError
from validator_svc.upstreams.outcome import NO_FUNDS, LiveAnswer, Outcome, Unanswered
from validator_svc.upstreams.protocol import Jobs, Keeping, Limits, Reply, Upstream
from validator_svc.upstreams.rate_limit import RateLimit

# Fast enough not to be waited for.
RATE_PER_S = 10_000.0


class FakeUpstream(Upstream, Jobs):
    """Answers every number, and notes what it was asked; `fails` is raised instead while it is set."""

    keeping = Keeping()

    def __init__(self, name: str = "fake", numbers_per_request: int = 1_000, above: int = 1_000) -> None:
        self.name = name
        self.limits = Limits(numbers_per_request, RATE_PER_S, concurrency=10, probe_s=60.0)
        self.prices = {"analysis": Decimal("0.01"), "validation": Decimal("0.01")}
        self.tells = dict.fromkeys(REQUEST_TYPES, frozenset({"current_carrier", "ported"}))
        self.jobs = self
        self.above, self.timeout_s = above, 60.0
        self.regions: frozenset[str] | None = None
        self.fails: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failure_of: Callable[[str], str | None] = lambda digits: None
        self.said: dict[str, Any] = {}
        """Fields of its answers."""
        self.asked: list[list[str]] = []
        self.polled: list[str] = []
        self.known_jobs: set[str] = set()

    @property
    def numbers_asked(self) -> list[str]:
        """All numbers of all requests."""
        return [digits for request in self.asked for digits in request]

    def answers(self, request_type: RequestType, region_code: str | None) -> bool:
        return self.regions is None or region_code in self.regions

    async def look_up(self, request_type: RequestType, numbers: Sequence[str]) -> Reply:
        self.asked.append(list(numbers))
        await self.may_answer.wait()
        if self.fails is not None:
            raise self.fails
        return Reply({digits: self._outcome(digits) for digits in numbers})

    async def start_job(self, request_type: RequestType, numbers: Sequence[str]) -> str:
        await self.look_up(request_type, numbers)
        job_id = f"job-{len(self.asked)}"
        self.known_jobs.add(job_id)
        return job_id

    async def poll(self, job_id: str, numbers: Sequence[str]) -> Reply:
        self.polled.append(job_id)
        if self.fails is not None:
            raise self.fails
        if job_id not in self.known_jobs:
            raise LostJobError("the job is not known")
        return Reply({digits: self._outcome(digits) for digits in numbers})

    def _outcome(self, digits: str) -> Outcome:
        failure = self.failure_of(digits)
        if failure is not None:
            unanswered = Unanswered.NOT_ASKED if failure == NO_FUNDS else None
            return Outcome(None, failure, self.name, unanswered=unanswered)
        answer = LiveAnswer(time.time_ns() // 1_000_000, is_valid=True)._replace(**self.said)
        return Outcome(answer, None, self.name, "0.01")


def route(upstream: Upstream, claims: Claims, choice: Choice | None = None) -> Route:
    """A route to an upstream, with a rate limit and a breaker of its own."""
    limits = upstream.limits
    requests = UpstreamRequests(
        upstream, RateLimit(limits.requests_per_s), claims, CircuitBreaker(limits.probe_s)
    )
    return Route(choice or Choice(upstream.name), requests)


@asynccontextmanager
async def dispatching(
    redis: Redis,
    *upstreams: Upstream,
    token: str = "a",
    region_of: Callable[[str], str | None] = lambda digits: "US" if digits[0] == "1" else "ID",
    fill: frozenset[str] = frozenset(),
) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work, as one replica has it, that asks these upstreams in order."""
    claims = Claims(redis, token)
    cache = Cache(redis, {"analysis": 600, "validation": 600})
    routes = Routes([route(upstream, claims) for upstream in upstreams], region_of, fill=fill)
    dispatcher = Dispatcher(cache, claims, routes)
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.close()


async def looked_up(dispatcher: Dispatcher, numbers: Sequence[str]) -> dict[str, Outcome]:
    """The outcomes of numbers."""
    async with dispatcher.waiting_for("validation", numbers) as taken:
        return {digits: await lookup.outcome for digits, (lookup, _) in taken.items()}
