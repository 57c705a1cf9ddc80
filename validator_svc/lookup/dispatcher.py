"""Dispatcher: paid answers for numbers, each asked for once, however many want it at the same time.

A number that somebody in this process is already waiting for is joined. One that another replica
has claimed is waited for in the cache. The rest is gathered into requests to the upstream, which are
made while its breaker is closed; an open one is tried with one number when it is time.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.cached_answer import Kept
from validator_svc.lookup.cancel import end
from validator_svc.lookup.circuit_breaker import BreakerState, CircuitBreaker
from validator_svc.lookup.inflight import InFlightLookup, InFlightTable
from validator_svc.lookup.number_locks import Claims
from validator_svc.lookup.payer import Payer, outcome_for
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.upstream_requests import Outcomes, Request, UpstreamRequests, failures
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.record.record import FREE
from validator_svc.upstreams.outcome import INTERNAL_ERROR, UPSTREAM_FAILED, Unanswered
from validator_svc.upstreams.wavix.client import MAX_NUMBERS

log = structlog.get_logger()

# Requests that come one by one at the same time share one to the upstream.
LINGER_S = 0.01
ELSEWHERE_S = 0.1
HELD_S = 0.05
STORE_ATTEMPTS = 20
STORE_PAUSE_S = 0.5


class Dispatcher:
    """Answers numbers (digits of E.164, valid by the plan, not in the cache) at a price."""

    def __init__(self, cache: Cache, claims: Claims, asking: UpstreamRequests, concurrency: int) -> None:
        self.cache = cache
        self.claims = claims
        self.asking = asking
        self.tickets: Mapping[RequestType, InFlightTable] = {each: InFlightTable() for each in REQUEST_TYPES}
        self._slots = asyncio.Semaphore(concurrency)
        self._ready: asyncio.Queue[tuple[RequestType, list[InFlightLookup]]] = asyncio.Queue(maxsize=1)
        self._loops: list[asyncio.Task[None]] = []
        self._requests: set[asyncio.Task[None]] = set()

    @property
    def breaker(self) -> CircuitBreaker:
        """The breaker to the upstream."""
        return self.asking.breaker

    def start(self) -> None:
        """Begin to work, in tasks of the running loop."""
        loops = (self.claims.renew_for_ever(), self._send(), self._watch_held())
        self._loops = [asyncio.create_task(each) for each in loops]
        for request_type in REQUEST_TYPES:
            self._loops.append(asyncio.create_task(self._gather(request_type)))
            self._loops.append(asyncio.create_task(self._watch_elsewhere(request_type)))

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
    ) -> AsyncIterator[dict[str, tuple[InFlightLookup, bool]]]:
        """Lookups of numbers, each with whether the caller pays for it; given up when the block ends.

        A ticket's future ends with an Outcome, or with StoreAwayError.
        """
        tickets = self.tickets[request_type]
        taken = {digits: tickets.take(digits, not_before_ms, payer) for digits in numbers}
        self._tell_queued()
        try:
            yield taken
        finally:
            for ticket, _ in taken.values():
                tickets.leave(ticket, payer)
            self._tell_queued()

    def _tell_queued(self) -> None:
        metrics.QUEUED.set(sum(tickets.queued for tickets in self.tickets.values()))

    async def _gather(self, request_type: RequestType) -> None:
        """Form batches out of what is queued; one is made ready while the one before waits for its turn."""
        tickets = self.tickets[request_type]
        while True:
            await tickets.arrived.wait()
            await asyncio.sleep(LINGER_S)
            batch = tickets.next_batch(MAX_NUMBERS)
            self._tell_queued()
            try:
                ready = await self._claimed(request_type, batch) if batch else []
            except STORE_ERRORS:
                await self._give_up(request_type, batch)
                continue
            if ready:
                await self._ready.put((request_type, ready))

    async def _send(self) -> None:
        """Send what is ready, each at its turn, side by side."""
        while True:
            request_type, ready = await self._ready.get()
            await self._slots.acquire()
            await self.asking.client.rate_limit.wait()
            try:
                request, tickets = await self._passed(request_type, ready)
            except STORE_ERRORS:
                await self._give_up(request_type, ready)
                request, tickets = None, []
            if request is None:
                self._slots.release()
            else:
                self._spawn(request_type, tickets, self.asking.ask(request), holds_slot=True)

    async def _passed(
        self, request_type: RequestType, ready: Sequence[InFlightLookup]
    ) -> tuple[Request | None, list[InFlightLookup]]:
        """The request that may be sent now, if any, and its tickets; the other tickets are seen to."""
        wanted = await self._wanted(request_type, ready)
        breaker_pass = self.breaker.try_acquire() if wanted else None
        if breaker_pass is None:
            await self._turn_away(request_type, wanted)
            return None, []
        if breaker_pass.is_trial:
            # One number is enough to learn whether the upstream is back, and little to lose.
            wanted, others = wanted[:1], wanted[1:]
            self.tickets[request_type].held += others
            await self._release(request_type, [ticket.digits for ticket in others])

        async def still_wanted() -> Sequence[str]:
            return [ticket.digits for ticket in wanted if ticket in await self._with_open_payers(wanted)]

        for ticket in wanted:
            ticket.is_sent = True
            if ticket.payer not in ticket.waiters and ticket.waiters:
                ticket.payer = ticket.waiters[0]
        return Request(request_type, [ticket.digits for ticket in wanted], breaker_pass, still_wanted), wanted

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

    async def _turn_away(self, request_type: RequestType, tickets: Sequence[InFlightLookup]) -> None:
        """See to tickets for which the breaker is open: while it is tried, those that can wait do."""
        held = [ticket for ticket in tickets if ticket.is_patient] if self.breaker.is_tried else []
        self.tickets[request_type].held += held
        await self._release(request_type, [ticket.digits for ticket in held])
        left = [ticket for ticket in tickets if ticket not in set(held)]
        await self._code(request_type, left, self.breaker.refusal)

    async def _code(self, request_type: RequestType, tickets: Sequence[InFlightLookup], code: str) -> None:
        """Answer with a failure of the upstream as a whole, and let others have the numbers."""
        numbers = [ticket.digits for ticket in tickets]
        coded = failures(numbers, code, Unanswered.NOT_ASKED)
        self.tickets[request_type].settle((ticket, coded[ticket.digits]) for ticket in tickets)
        await self._release(request_type, numbers)

    async def _watch_held(self) -> None:
        """Give those their turn who waited for what comes of a trial."""
        while True:
            await asyncio.sleep(HELD_S)
            if not self.breaker.is_tried:
                for tickets in self.tickets.values():
                    tickets.requeue_held()
                self._tell_queued()

    async def _claimed(
        self, request_type: RequestType, batch: Sequence[InFlightLookup]
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
        # Requests for a job's results needs no funds, but the key.
        if self.breaker.state is not BreakerState.REFUSED or self.breaker.is_passable:
            mine -= await self._resumed(request_type, {digits: by_digits[digits] for digits in mine})
        ready = [ticket for ticket in batch if ticket.digits in mine]
        if self.breaker.is_passable:
            return ready
        await self._turn_away(request_type, ready)
        return []

    async def _resumed(self, request_type: RequestType, mine: Mapping[str, InFlightLookup]) -> set[str]:
        """Go on with jobs that a replica started and did not see the end of; returns their numbers."""
        if not mine:
            return set()
        noted = await self.claims.jobs(request_type, list(mine))
        for job_id in set(noted.values()):
            numbers = [digits for digits in noted if noted[digits] == job_id]
            resumed = self.asking.resume(request_type, job_id, numbers)
            self._spawn(request_type, [mine[digits] for digits in numbers], resumed, holds_slot=False)
        return set(noted)

    def _spawn(
        self,
        request_type: RequestType,
        tickets: Sequence[InFlightLookup],
        parts: AsyncIterator[Outcomes],
        holds_slot: bool,
    ) -> None:
        task = asyncio.create_task(self._ask(request_type, tickets, parts))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        if holds_slot:
            task.add_done_callback(lambda _: self._slots.release())

    async def _ask(
        self, request_type: RequestType, tickets: Sequence[InFlightLookup], parts: AsyncIterator[Outcomes]
    ) -> None:
        by_digits = {ticket.digits: ticket for ticket in tickets}
        try:
            async for outcomes in parts:
                paid = {digits: Paid(each, by_digits[digits].payer) for digits, each in outcomes.items()}
                await self._keep(request_type, paid)
                done = [(by_digits.pop(digits), outcome) for digits, outcome in outcomes.items()]
                self.tickets[request_type].settle(done)
        except Exception:
            # The upstream may have been paid: whoever waits is told of a fault, and nothing is repeated.
            log.exception("lookup_broke", numbers=len(by_digits))
            broken = failures(by_digits, INTERNAL_ERROR, None)
            self.tickets[request_type].settle((by_digits.pop(digits), broken[digits]) for digits in broken)
            await self._release(request_type, broken)
        finally:
            await self._give_up(request_type, list(by_digits.values()))

    async def _release(self, request_type: RequestType, numbers: Iterable[str]) -> None:
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release(request_type, numbers)

    async def _give_up(self, request_type: RequestType, tickets: Sequence[InFlightLookup]) -> None:
        """Say that it cannot be done, and let others have the numbers."""
        if tickets:
            self.tickets[request_type].fail(tickets, StoreAwayError())
            await self._release(request_type, [ticket.digits for ticket in tickets])

    async def _keep(self, request_type: RequestType, paid: Mapping[str, Paid]) -> None:
        """Write what was paid for, then give the claims back; it is worth waiting for the store."""
        for cost, count in Counter(each.outcome.cost for each in paid.values()).items():
            if cost != FREE:
                metrics.SPENT.labels(request_type).inc(float(cost) * count)
        for attempt in range(STORE_ATTEMPTS):
            try:
                await self.cache.write(request_type, paid)
                await self.claims.release(request_type, paid)
                return
            except STORE_ERRORS:
                if attempt == STORE_ATTEMPTS - 1:
                    log.error("paid_answers_not_kept", numbers=len(paid))
                await asyncio.sleep(STORE_PAUSE_S)

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
