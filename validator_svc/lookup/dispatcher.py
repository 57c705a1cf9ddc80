"""Dispatcher: which numbers are asked for when, each once, however many want it at the same time.

A number that somebody in this process is already waiting for is joined. One that another replica
has claimed is waited for in the cache. The rest is gathered into requests to the suppliers, which are
made while their breakers are closed; an open one is tried with one number when it is time.
What becomes of the numbers of a request is the settlement's business.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.cancel import end
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.inflight import SIZES, SMALL_NUMBERS, InFlightLookup, InFlightTable, Size
from validator_svc.lookup.payer import Payer
from validator_svc.lookup.routes import Route, Routes
from validator_svc.lookup.settlement import Settlement, with_open_payers
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.upstream_requests import Outcomes, Request, failures
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.upstreams.outcome import INTERNAL_ERROR, UPSTREAM_FAILED, Unanswered
from validator_svc.upstreams.rate_limit import Turn

log = structlog.get_logger()

# Requests that come one by one at the same time share one to the upstream.
LINGER_S = 0.01
ELSEWHERE_S = 0.1
HELD_S = 0.05


class Dispatcher:
    """Answers numbers (digits of E.164, valid by the plan, not in the cache) at a price."""

    def __init__(self, cache: Cache, claims: Claims, routes: Routes) -> None:
        self.cache = cache
        self.claims = claims
        self.routes = routes
        self.in_flight: Mapping[RequestType, InFlightTable] = {
            each: InFlightTable(len(routes.all)) for each in REQUEST_TYPES
        }
        self.settlements = {
            each: Settlement(each, cache, claims, routes, table) for each, table in self.in_flight.items()
        }
        self._loops: list[asyncio.Task[None]] = []
        self._requests: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to work, in tasks of the running loop."""
        loops = [self.claims.renew_for_ever(), self._watch_held()]
        loops += [self._send(route, size) for route in self.routes.all for size in SIZES]
        for request_type in REQUEST_TYPES:
            loops.append(self._watch_elsewhere(request_type))
            routes = range(len(self.routes.all))
            loops += [self._gather(request_type, at, size) for at in routes for size in SIZES]
        self._loops = [asyncio.create_task(each) for each in loops]

    async def close(self) -> None:
        """Stop; what is claimed is given back, so that others may go on with it at once."""
        await end([*self._loops, *self._requests])
        metrics.QUEUED.set(0)
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release_all()

    @contextlib.asynccontextmanager
    async def waiting_for(
        self,
        request_type: RequestType,
        numbers: Iterable[str],
        not_before_ms: int = 0,
        payer: Payer | None = None,
        owner: str = "",
    ) -> AsyncIterator[dict[str, tuple[InFlightLookup, bool]]]:
        """Lookups of numbers, each with whether the caller pays for it; given up when the block ends.

        Owners take turns; the batches of nobody's do, too.
        The future of a lookup ends with an Outcome, or with StoreAwayError.
        """
        table = self.in_flight[request_type]
        taken = {}
        numbers = list(numbers)
        size: Size = "small" if len(numbers) <= SMALL_NUMBERS else "large"
        whose = owner or (payer.account if payer is not None else "")
        for digits in numbers:
            route = self.routes.next_after(request_type, digits)
            taken[digits] = table.take(digits, not_before_ms, payer, route, whose, size)
            if route is None:
                nobody = failures([digits], UPSTREAM_FAILED, None)[digits]
                table.settle([(taken[digits][0], nobody)])
        self._tell_queued()
        try:
            yield taken
        finally:
            for lookup, _ in taken.values():
                table.leave(lookup, payer)
            self._tell_queued()

    def _tell_queued(self) -> None:
        metrics.QUEUED.set(sum(table.queued for table in self.in_flight.values()))

    async def _gather(self, request_type: RequestType, at: int, size: Size) -> None:
        """Form batches out of what is queued for one route; one is ready while the one before waits."""
        table, route = self.in_flight[request_type], self.routes.all[at]
        most = route.upstream.limits.numbers_per_request
        while True:
            await table.queues[at][size].arrived.wait()
            await asyncio.sleep(LINGER_S)
            batch = table.next_batch(route.gathered, at, size)
            self._tell_queued()
            try:
                ready = await self._claimed(request_type, route, batch) if batch else []
            except STORE_ERRORS:
                await self.settlements[request_type].give_up(batch)
                continue
            for start in range(0, len(ready), most):
                await route.ready[size].put((request_type, ready[start : start + most]))

    async def _claimed(
        self, request_type: RequestType, route: Route, batch: Sequence[InFlightLookup]
    ) -> list[InFlightLookup]:
        """Those of the batch that are to be asked now, and by us."""
        settlement = self.settlements[request_type]
        by_digits = {lookup.digits: lookup for lookup in batch}
        mine = await self.claims.acquire(request_type, list(by_digits))
        elsewhere = {digits: lookup for digits, lookup in by_digits.items() if digits not in mine}
        self.in_flight[request_type].elsewhere.update(elsewhere)
        # Between the reading of the cache and the claim another replica may have been done with it.
        done = await settlement.take_found([by_digits[each] for each in mine if not by_digits[each].first])
        await settlement.release(lookup.digits for lookup in done)
        mine.difference_update(lookup.digits for lookup in done)
        mine -= await self._resumed(request_type, {digits: by_digits[digits] for digits in mine})
        ready = [lookup for lookup in batch if lookup.digits in mine]
        if route.breaker.is_passable:
            return ready
        await settlement.turn_away(route, ready)
        return []

    async def _resumed(self, request_type: RequestType, mine: Mapping[str, InFlightLookup]) -> set[str]:
        """Go on with jobs that a replica started and did not see the end of; returns their numbers."""
        if not mine:
            return set()
        noted = await self.claims.jobs(request_type, list(mine))
        resumed: set[str] = set()
        for supplier, job_id in set(noted.values()):
            route = self.routes.named(supplier)
            if route is None or route.upstream.jobs is None:
                continue
            numbers = [digits for digits, job in noted.items() if job == (supplier, job_id)]
            resumed.update(numbers)
            lookups = [mine[digits] for digits in numbers]
            if may_poll(route):
                resumes = route.requests.resume(request_type, job_id, numbers, origins_of(lookups))
                self._spawn(request_type, lookups, resumes)
            else:
                await self.settlements[request_type].fail(
                    lookups, route.breaker.refusal, Unanswered.UNDER_WAY
                )
        return resumed

    async def _send(self, route: Route, size: Size) -> None:
        """Send what is ready for one route, each at its turn, side by side."""
        slots = [route.slots_of_large, route.slots] if size == "large" else [route.slots]

        def release(turn: Turn) -> None:
            turn.give_back()
            for each in slots:
                each.release()

        while True:
            request_type, ready = await route.ready[size].get()
            for each in slots:
                await each.acquire()
            turn = await route.requests.turn()
            try:
                request, lookups = await self._passed(request_type, route, ready, turn)
            except STORE_ERRORS:
                await self.settlements[request_type].give_up(ready)
                request, lookups = None, []
            if request is None:
                release(turn)
            else:
                asked = self._spawn(request_type, lookups, route.requests.ask(request))
                asked.add_done_callback(lambda _, turn=turn: release(turn))  # type: ignore[misc]

    async def _passed(
        self, request_type: RequestType, route: Route, ready: Sequence[InFlightLookup], turn: Turn
    ) -> tuple[Request | None, list[InFlightLookup]]:
        """The request that may be sent now, if any, and its lookups; the other lookups are seen to."""
        settlement = self.settlements[request_type]
        wanted = await settlement.wanted(ready)
        breaker_pass = route.breaker.try_acquire() if wanted else None
        if breaker_pass is None:
            await settlement.turn_away(route, wanted)
            return None, []
        if breaker_pass.is_trial:
            # One number is enough to learn whether the upstream is back, and little to lose.
            wanted, others = wanted[:1], wanted[1:]
            await settlement.hold(await settlement.pass_on(others))

        async def still_wanted() -> Sequence[str]:
            still = set(await with_open_payers(wanted))
            return [lookup.digits for lookup in wanted if lookup in still]

        for lookup in wanted:
            lookup.sent()
        numbers = [lookup.digits for lookup in wanted]
        return Request(request_type, numbers, breaker_pass, turn, still_wanted, origins_of(wanted)), wanted

    def _spawn(
        self,
        request_type: RequestType,
        lookups: Sequence[InFlightLookup],
        parts: AsyncIterator[Outcomes],
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(self._ask(request_type, lookups, parts))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        return task

    async def _ask(
        self, request_type: RequestType, lookups: Sequence[InFlightLookup], parts: AsyncIterator[Outcomes]
    ) -> None:
        settlement = self.settlements[request_type]
        asked = {lookup.digits: lookup for lookup in lookups}
        try:
            async for outcomes in parts:
                await settlement.take(asked, outcomes)
            # Not before: by now no job is noted for these numbers any more.
            await settlement.pass_on([asked.pop(digits) for digits in list(asked)])
        except Exception:
            # The upstream may have been paid: whoever waits is told of a fault, and nothing is repeated.
            log.exception("lookup_broke", numbers=len(asked))
            await settlement.fail([asked.pop(digits) for digits in list(asked)], INTERNAL_ERROR, None)
        finally:
            await settlement.give_up(asked.values())

    async def _watch_held(self) -> None:
        """Give those their turn who waited for what comes of a trial."""
        while True:
            await asyncio.sleep(HELD_S)
            if not any(route.breaker.is_tried for route in self.routes.all):
                for table in self.in_flight.values():
                    table.requeue_held()
                self._tell_queued()

    async def _watch_elsewhere(self, request_type: RequestType) -> None:
        """Take over from the cache what other replicas found, and from them what they let go."""
        table = self.in_flight[request_type]
        while True:
            await asyncio.sleep(ELSEWHERE_S)
            waiting = list(table.elsewhere.values())
            if not waiting:
                continue
            try:
                found = set(await self.settlements[request_type].take_found(waiting))
                left = [lookup.digits for lookup in waiting if lookup not in found]
                free = await self.claims.free(request_type, left) if left else set()
                table.requeue(table.elsewhere.pop(digits) for digits in left if digits in free)
            except STORE_ERRORS:
                table.fail(waiting, StoreAwayError())


def origins_of(lookups: Iterable[InFlightLookup]) -> list[str]:
    """What numbers were asked for in, see `traces.here`, each once."""
    return list(dict.fromkeys(each.origin for each in lookups if each.origin))


def may_poll(route: Route) -> bool:
    """Whether a job may be asked for: that needs no funds, but the key."""
    return route.breaker.state is not BreakerState.REFUSED or route.breaker.is_passable
