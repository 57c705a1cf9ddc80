"""Lookups: paid answers for numbers, each asked for once, however many want it at the same time.

A number that somebody in this process is already waiting for is joined. One that another replica
has claimed is waited for in the cache. The rest is gathered into requests to the upstream.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.asking import Asking, Outcomes, failures
from validator_svc.lookup.cache import Cache
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.live import CACHE, INTERNAL_ERROR, LiveAnswer, Outcome
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.tasks import end
from validator_svc.lookup.tickets import Ticket, Tickets
from validator_svc.lookup.wavix import MAX_NUMBERS
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType

log = structlog.get_logger()

# Requests that come one by one at the same time share one to the upstream.
LINGER_S = 0.01
ELSEWHERE_S = 0.1
STORE_ATTEMPTS = 20
STORE_PAUSE_S = 0.5


class Lookups:
    """Answers numbers (digits of E.164, valid by the plan, not in the cache) at a price."""

    def __init__(self, cache: Cache, claims: Claims, asking: Asking, concurrency: int) -> None:
        self.cache = cache
        self.claims = claims
        self.asking = asking
        self.tickets: Mapping[RequestType, Tickets] = {each: Tickets() for each in REQUEST_TYPES}
        self._slots = asyncio.Semaphore(concurrency)
        self._ready: asyncio.Queue[tuple[RequestType, list[Ticket]]] = asyncio.Queue(maxsize=1)
        self._loops: list[asyncio.Task[None]] = []
        self._requests: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to work, in tasks of the running loop."""
        self._loops = [asyncio.create_task(self.claims.renew_for_ever()), asyncio.create_task(self._send())]
        for request_type in REQUEST_TYPES:
            self._loops.append(asyncio.create_task(self._gather(request_type)))
            self._loops.append(asyncio.create_task(self._watch_elsewhere(request_type)))

    async def close(self) -> None:
        """Stop; what is claimed is given back, so that others may go on with it at once."""
        await end([*self._loops, *self._requests])
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release_all()

    @contextlib.asynccontextmanager
    async def waiting_for(
        self, request_type: RequestType, numbers: Iterable[str], not_before_ms: int = 0
    ) -> AsyncIterator[dict[str, tuple[Ticket, bool]]]:
        """Tickets for numbers, each with whether the caller pays for it; given up when the block ends.

        A ticket's future ends with an Outcome, or with StoreAwayError.
        """
        tickets = self.tickets[request_type]
        taken = {digits: tickets.take(digits, not_before_ms) for digits in numbers}
        metrics.QUEUED.set(len(tickets.queue))
        try:
            yield taken
        finally:
            for ticket, _ in taken.values():
                tickets.leave(ticket)

    async def _gather(self, request_type: RequestType) -> None:
        """Form batches out of what is queued; one is made ready while the one before waits for its turn."""
        tickets = self.tickets[request_type]
        while True:
            await tickets.arrived.wait()
            await asyncio.sleep(LINGER_S)
            batch = tickets.next_batch(MAX_NUMBERS)
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
            await self.asking.client.pacer.wait()
            wanted = [ticket for ticket in ready if ticket.waiting > 0]
            await self._give_up(request_type, [ticket for ticket in ready if ticket.waiting <= 0])
            if not wanted:
                self._slots.release()
                continue
            asked = self.asking.ask(request_type, [ticket.digits for ticket in wanted])
            self._spawn(request_type, wanted, asked, holds_slot=True)

    async def _claimed(self, request_type: RequestType, batch: Sequence[Ticket]) -> list[Ticket]:
        """Those of the batch that are to be asked now, and by us."""
        tickets = self.tickets[request_type]
        if code := self.asking.gate.closed():
            coded = failures([ticket.digits for ticket in batch], code)
            tickets.settle((ticket, coded[ticket.digits]) for ticket in batch)
            return []
        by_digits = {ticket.digits: ticket for ticket in batch}
        mine = await self.claims.acquire(request_type, list(by_digits))
        tickets.elsewhere.update((digits, t) for digits, t in by_digits.items() if digits not in mine)
        # Between the reading of the cache and the claim another replica may have been done with it.
        done = await self._found(request_type, [by_digits[digits] for digits in mine])
        await self._settle_found(request_type, done)
        await self.claims.release(request_type, [ticket.digits for ticket in done])
        mine.difference_update(ticket.digits for ticket in done)
        mine -= await self._resumed(request_type, {digits: by_digits[digits] for digits in mine})
        return [ticket for ticket in batch if ticket.digits in mine]

    async def _resumed(self, request_type: RequestType, mine: Mapping[str, Ticket]) -> set[str]:
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
        tickets: Sequence[Ticket],
        parts: AsyncIterator[Outcomes],
        holds_slot: bool,
    ) -> None:
        task = asyncio.create_task(self._ask(request_type, tickets, parts))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        if holds_slot:
            task.add_done_callback(lambda _: self._slots.release())

    async def _ask(
        self, request_type: RequestType, tickets: Sequence[Ticket], parts: AsyncIterator[Outcomes]
    ) -> None:
        by_digits = {ticket.digits: ticket for ticket in tickets}
        try:
            async for outcomes in parts:
                await self._keep(request_type, outcomes)
                done = [(by_digits.pop(digits), outcome) for digits, outcome in outcomes.items()]
                self.tickets[request_type].settle(done)
        except Exception:
            # The upstream may have been paid: whoever waits is told of a fault, and nothing is repeated.
            log.exception("lookup_broke", numbers=len(by_digits))
            broken = failures(by_digits, INTERNAL_ERROR)
            self.tickets[request_type].settle((by_digits.pop(digits), broken[digits]) for digits in broken)
            await self._release(request_type, broken)
        finally:
            await self._give_up(request_type, list(by_digits.values()))

    async def _release(self, request_type: RequestType, numbers: Iterable[str]) -> None:
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release(request_type, numbers)

    async def _give_up(self, request_type: RequestType, tickets: Sequence[Ticket]) -> None:
        """Say that it cannot be done, and let others have the numbers."""
        if tickets:
            self.tickets[request_type].fail(tickets, StoreAwayError())
            await self._release(request_type, [ticket.digits for ticket in tickets])

    async def _keep(self, request_type: RequestType, outcomes: Outcomes) -> None:
        """Write what was paid for, then give the claims back; it is worth waiting for the store."""
        answers = {digits: each.answer for digits, each in outcomes.items() if each.answer is not None}
        for attempt in range(STORE_ATTEMPTS):
            try:
                await self.cache.write(request_type, answers)
                await self.claims.release(request_type, outcomes)
                return
            except STORE_ERRORS:
                if attempt == STORE_ATTEMPTS - 1:
                    log.error("paid_answers_not_kept", numbers=len(answers))
                await asyncio.sleep(STORE_PAUSE_S)

    async def _found(self, request_type: RequestType, tickets: Sequence[Ticket]) -> dict[Ticket, LiveAnswer]:
        """Those whose answer is in the cache by now, and new enough."""
        answers = await self.cache.read(request_type, [ticket.digits for ticket in tickets])
        return {
            ticket: answers[ticket.digits]
            for ticket in tickets
            if ticket.digits in answers and answers[ticket.digits].at_ms >= ticket.not_before_ms
        }

    async def _settle_found(self, request_type: RequestType, found: Mapping[Ticket, LiveAnswer]) -> None:
        self.tickets[request_type].settle(
            (ticket, Outcome(answer, None, CACHE)) for ticket, answer in found.items()
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
                await self._settle_found(request_type, found)
                left = [ticket.digits for ticket in waiting if ticket not in found]
                free = await self.claims.free(request_type, left) if left else set()
                tickets.requeue(tickets.elsewhere.pop(digits) for digits in left if digits in free)
            except STORE_ERRORS:
                tickets.fail(waiting, StoreAwayError())
