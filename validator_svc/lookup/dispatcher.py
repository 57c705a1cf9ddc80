"""Dispatcher: paid answers for numbers, each asked for once, however many want it at the same time.

A number that somebody in this process is already waiting for is joined. One that another replica
has claimed is waited for in the cache. The rest is gathered into requests to the suppliers, which are
made while their breakers are closed; an open one is tried with one number when it is time. What a supplier
turned away, so that nothing was billed, goes on to the next one that takes it.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.cached_answer import Kept
from validator_svc.lookup.cancel import end
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.lookup.inflight import SIZES, SMALL_NUMBERS, InFlightLookup, InFlightTable, Size
from validator_svc.lookup.number_locks import Claims
from validator_svc.lookup.payer import Payer, outcome_for
from validator_svc.lookup.routes import Route, Routes
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.upstream_requests import Outcomes, Request, failures
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.record.record import FREE
from validator_svc.upstreams.outcome import INTERNAL_ERROR, UPSTREAM_FAILED, Outcome, Unanswered
from validator_svc.upstreams.rate_limit import Turn

log = structlog.get_logger()

# Requests that come one by one at the same time share one to the upstream.
LINGER_S = 0.01
# How a number fails that another supplier may be asked for.
UNPAID = (Unanswered.NOT_ASKED, Unanswered.NOT_COVERED)
ELSEWHERE_S = 0.1
HELD_S = 0.05
STORE_ATTEMPTS = 20
STORE_PAUSE_S = 0.5


class Dispatcher:
    """Answers numbers (digits of E.164, valid by the plan, not in the cache) at a price."""

    def __init__(self, cache: Cache, claims: Claims, routes: Routes) -> None:
        self.cache = cache
        self.claims = claims
        self.routes = routes
        self.tickets: Mapping[RequestType, InFlightTable] = {
            each: InFlightTable(len(routes.all)) for each in REQUEST_TYPES
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
        A ticket's future ends with an Outcome, or with StoreAwayError.
        """
        tickets = self.tickets[request_type]
        taken = {}
        numbers = list(numbers)
        size: Size = "small" if len(numbers) <= SMALL_NUMBERS else "large"
        whose = owner or (payer.account if payer is not None else "")
        for digits in numbers:
            route = self.routes.next_after(request_type, digits)
            taken[digits] = tickets.take(digits, not_before_ms, payer, route, whose, size)
            if route is None:
                nobody = failures([digits], UPSTREAM_FAILED, None)[digits]
                tickets.settle([(taken[digits][0], nobody)])
        self._tell_queued()
        try:
            yield taken
        finally:
            for ticket, _ in taken.values():
                tickets.leave(ticket, payer)
            self._tell_queued()

    def _tell_queued(self) -> None:
        metrics.QUEUED.set(sum(tickets.queued for tickets in self.tickets.values()))

    async def _gather(self, request_type: RequestType, at: int, size: Size) -> None:
        """Form batches out of what is queued for one route; one is ready while the one before waits."""
        tickets, route = self.tickets[request_type], self.routes.all[at]
        most = route.upstream.limits.numbers_per_request
        while True:
            await tickets.queues[at][size].arrived.wait()
            await asyncio.sleep(LINGER_S)
            batch = tickets.next_batch(route.gathered, at, size)
            self._tell_queued()
            try:
                ready = await self._claimed(request_type, route, batch) if batch else []
            except STORE_ERRORS:
                await self._give_up(request_type, batch)
                continue
            for start in range(0, len(ready), most):
                await route.ready[size].put((request_type, ready[start : start + most]))

    async def _send(self, route: Route, size: Size) -> None:
        """Send what is ready for one route, each at its turn, side by side."""
        slots = [route.slots_of_large, route.slots] if size == "large" else [route.slots]

        def end(turn: Turn) -> None:
            turn.give_back()
            for each in slots:
                each.release()

        while True:
            request_type, ready = await route.ready[size].get()
            for each in slots:
                await each.acquire()
            turn = await route.requests.turn()
            try:
                request, tickets = await self._passed(request_type, route, ready, turn)
            except STORE_ERRORS:
                await self._give_up(request_type, ready)
                request, tickets = None, []
            if request is None:
                end(turn)
            else:
                asked = self._spawn(request_type, tickets, route.requests.ask(request))
                asked.add_done_callback(lambda _, turn=turn: end(turn))  # type: ignore[misc]

    async def _passed(
        self, request_type: RequestType, route: Route, ready: Sequence[InFlightLookup], turn: Turn
    ) -> tuple[Request | None, list[InFlightLookup]]:
        """The request that may be sent now, if any, and its tickets; the other tickets are seen to."""
        wanted = await self._wanted(request_type, ready)
        breaker_pass = route.breaker.try_acquire() if wanted else None
        if breaker_pass is None:
            await self._turn_away(request_type, route, wanted)
            return None, []
        if breaker_pass.is_trial:
            # One number is enough to learn whether the upstream is back, and little to lose.
            wanted, others = wanted[:1], wanted[1:]
            others = await self._pass_on(request_type, others)
            self.tickets[request_type].held += others
            await self._release(request_type, [ticket.digits for ticket in others])

        async def still_wanted() -> Sequence[str]:
            return [ticket.digits for ticket in wanted if ticket in await self._with_open_payers(wanted)]

        for ticket in wanted:
            ticket.is_sent = True
            if ticket.payer not in ticket.waiters and ticket.waiters:
                ticket.payer = ticket.waiters[0]
        numbers = [ticket.digits for ticket in wanted]
        return Request(request_type, numbers, breaker_pass, turn, still_wanted, origins_of(wanted)), wanted

    async def _wanted(
        self, request_type: RequestType, claimed: Sequence[InFlightLookup]
    ) -> list[InFlightLookup]:
        """Those of the tickets that somebody still wants; the others are done with.

        Raises redis.exceptions.RedisError.
        """
        wanted = await self._with_open_payers(claimed)
        unwanted = set(claimed).difference(wanted)
        await self._give_up(request_type, [ticket for ticket in unwanted if not ticket.waiters])
        await self._code(request_type, [ticket for ticket in unwanted if ticket.waiters], UPSTREAM_FAILED)
        return wanted

    async def _with_open_payers(self, tickets: Sequence[InFlightLookup]) -> list[InFlightLookup]:
        """Those of the tickets for which somebody waits who wants to pay, or joined who does."""
        payers = {payer.account: payer for ticket in tickets for payer in ticket.waiters if payer}
        open_accounts = {account for account, payer in payers.items() if await payer.is_open()}
        return [
            ticket
            for ticket in tickets
            if any(payer is None or payer.account in open_accounts for payer in ticket.waiters)
        ]

    async def _turn_away(
        self, request_type: RequestType, route: Route, tickets: Sequence[InFlightLookup]
    ) -> None:
        """See to tickets for which the breaker is open: while it is tried, those that can wait do.

        Those that another supplier takes go there.
        """
        tickets = await self._pass_on(request_type, tickets)
        held = [ticket for ticket in tickets if ticket.is_patient] if route.breaker.is_tried else []
        self.tickets[request_type].held += held
        await self._release(request_type, [ticket.digits for ticket in held])
        left = [ticket for ticket in tickets if ticket not in set(held)]
        await self._code(request_type, left, route.breaker.refusal)

    async def _pass_on(
        self, request_type: RequestType, tickets: Sequence[InFlightLookup]
    ) -> list[InFlightLookup]:
        """Have the next supplier asked that takes the number; returns those that none takes."""
        onward, left = [], []
        for ticket in tickets:
            route = self.routes.next_after(request_type, ticket.digits, ticket.route)
            if route is None:
                left.append(ticket)
            else:
                ticket.route, ticket.is_sent = route, False
                onward.append(ticket)
        await self._release(request_type, [ticket.digits for ticket in onward])
        self.tickets[request_type].requeue(onward)
        return left

    async def _code(
        self,
        request_type: RequestType,
        tickets: Sequence[InFlightLookup],
        code: str,
        unanswered: Unanswered = Unanswered.NOT_ASKED,
    ) -> None:
        """Answer with a failure of the upstream as a whole, and let others have the numbers."""
        numbers = [ticket.digits for ticket in tickets]
        coded = failures(numbers, code, unanswered)
        self.tickets[request_type].settle((ticket, coded[ticket.digits]) for ticket in tickets)
        await self._release(request_type, numbers)

    async def _watch_held(self) -> None:
        """Give those their turn who waited for what comes of a trial."""
        while True:
            await asyncio.sleep(HELD_S)
            if not any(route.breaker.is_tried for route in self.routes.all):
                for tickets in self.tickets.values():
                    tickets.requeue_held()
                self._tell_queued()

    async def _claimed(
        self, request_type: RequestType, route: Route, batch: Sequence[InFlightLookup]
    ) -> list[InFlightLookup]:
        """Those of the batch that are to be asked now, and by us."""
        tickets = self.tickets[request_type]
        by_digits = {ticket.digits: ticket for ticket in batch}
        mine = await self.claims.acquire(request_type, list(by_digits))
        tickets.elsewhere.update((digits, t) for digits, t in by_digits.items() if digits not in mine)
        # Between the reading of the cache and the claim another replica may have been done with it.
        done = await self._found(request_type, [by_digits[digits] for digits in mine])
        self._settle_found(request_type, done)
        await self.claims.release(request_type, [ticket.digits for ticket in done])
        mine.difference_update(ticket.digits for ticket in done)
        mine -= await self._resumed(request_type, {digits: by_digits[digits] for digits in mine})
        ready = [ticket for ticket in batch if ticket.digits in mine]
        if route.breaker.is_passable:
            return ready
        await self._turn_away(request_type, route, ready)
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
                await self._code(request_type, lookups, route.breaker.refusal, Unanswered.UNDER_WAY)
        return resumed

    def _spawn(
        self,
        request_type: RequestType,
        tickets: Sequence[InFlightLookup],
        parts: AsyncIterator[Outcomes],
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(self._ask(request_type, tickets, parts))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        return task

    async def _ask(
        self, request_type: RequestType, tickets: Sequence[InFlightLookup], parts: AsyncIterator[Outcomes]
    ) -> None:
        by_digits = {ticket.digits: ticket for ticket in tickets}
        try:
            async for outcomes in parts:
                ended = {
                    digits: each
                    for digits, each in outcomes.items()
                    if not self._goes_on(request_type, by_digits[digits], each)
                }
                done = [(by_digits.pop(digits), outcome) for digits, outcome in ended.items()]
                await self._keep(request_type, done)
                self.tickets[request_type].settle(done)
            # Not before: by now no job is noted for these numbers any more.
            await self._pass_on(request_type, [by_digits.pop(digits) for digits in list(by_digits)])
        except Exception:
            # The upstream may have been paid: whoever waits is told of a fault, and nothing is repeated.
            log.exception("lookup_broke", numbers=len(by_digits))
            broken = failures(by_digits, INTERNAL_ERROR, None)
            self.tickets[request_type].settle((by_digits.pop(digits), broken[digits]) for digits in broken)
            await self._release(request_type, broken)
        finally:
            await self._give_up(request_type, list(by_digits.values()))

    def _goes_on(self, request_type: RequestType, lookup: InFlightLookup, outcome: Outcome) -> bool:
        """Whether another supplier is to be asked: this one billed nothing, and the next one takes it."""
        if outcome.unanswered not in UNPAID:
            return False
        return self.routes.next_after(request_type, lookup.digits, lookup.route) is not None

    async def _release(self, request_type: RequestType, numbers: Iterable[str]) -> None:
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release(request_type, numbers)

    async def _give_up(self, request_type: RequestType, tickets: Sequence[InFlightLookup]) -> None:
        """Say that it cannot be done, and let others have the numbers."""
        if tickets:
            self.tickets[request_type].fail(tickets, StoreAwayError())
            await self._release(request_type, [ticket.digits for ticket in tickets])

    async def _keep(self, request_type: RequestType, done: Sequence[tuple[InFlightLookup, Outcome]]) -> None:
        """Write what was paid for, then give the claims back; that waits for the store, however long.

        So what a batch says that it paid leaves nothing out, whatever becomes of the store; its segments
        would have to wait as well. Who is on nobody's account is told before, once it takes long.
        """
        paid = {lookup.digits: Paid(outcome, lookup.payer) for lookup, outcome in done}
        costs = Counter((each.outcome.source, each.outcome.cost) for each in paid.values())
        for (supplier, cost), count in costs.items():
            if cost != FREE:
                metrics.SPENT.labels(supplier, request_type).inc(float(cost) * count)
        try:
            for attempt in itertools.count(1):
                with contextlib.suppress(*STORE_ERRORS):
                    await self.cache.write(request_type, paid)
                    return await self.claims.release(request_type, paid)
                if attempt == STORE_ATTEMPTS:
                    log.error("paid_answers_wait_for_store", numbers=len(paid))
                    table = self.tickets[request_type]
                    table.settle((lookup, each) for lookup, each in done if not lookup.is_patient)
                await asyncio.sleep(STORE_PAUSE_S)
        except asyncio.CancelledError:
            log.error("paid_answers_not_kept", numbers=len(paid))
            raise

    async def _found(
        self, request_type: RequestType, tickets: Sequence[InFlightLookup]
    ) -> dict[InFlightLookup, Kept]:
        """Those whose answer is in the cache by now, and new enough."""
        answers = await self.cache.read(request_type, [ticket.digits for ticket in tickets])
        return {
            ticket: answers[ticket.digits]
            for ticket in tickets
            if ticket.digits in answers and answers[ticket.digits].answer.at_ms >= ticket.not_before_ms
        }

    def _settle_found(self, request_type: RequestType, found: Mapping[InFlightLookup, Kept]) -> None:
        self.tickets[request_type].settle(
            (ticket, outcome_for(ticket.payer, kept)) for ticket, kept in found.items()
        )

    async def _watch_elsewhere(self, request_type: RequestType) -> None:
        """Take over from the cache what other replicas found, and from them what they let go."""
        tickets = self.tickets[request_type]
        while True:
            await asyncio.sleep(ELSEWHERE_S)
            waiting = list(tickets.elsewhere.values())
            if not waiting:
                continue
            try:
                found = await self._found(request_type, waiting)
                self._settle_found(request_type, found)
                left = [ticket.digits for ticket in waiting if ticket not in found]
                free = await self.claims.free(request_type, left) if left else set()
                tickets.requeue(tickets.elsewhere.pop(digits) for digits in left if digits in free)
            except STORE_ERRORS:
                tickets.fail(waiting, StoreAwayError())


def origins_of(lookups: Iterable[InFlightLookup]) -> list[str]:
    """What numbers were asked for in, see `traces.here`, each once."""
    return list(dict.fromkeys(each.origin for each in lookups if each.origin))


def may_poll(route: Route) -> bool:
    """Whether a job may be asked for: that needs no funds, but the key."""
    return route.breaker.state is not BreakerState.REFUSED or route.breaker.is_passable
