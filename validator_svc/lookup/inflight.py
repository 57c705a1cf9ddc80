"""InFlightTable: who waits for the answer of which number, in this process."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from validator_svc import traces
from validator_svc.lookup.fair_queue import FairQueue
from validator_svc.lookup.payer import Payer
from validator_svc.upstreams.outcome import Outcome

Size = Literal["small", "large"]
SIZES: tuple[Size, ...] = ("small", "large")
"""Of what a number came in. Small requests have queues of their own: they never wait for large ones."""

# Numbers that are looked up together, and are still a small request.
SMALL_NUMBERS = 100


class InFlightLookup:
    """One number that is to be looked up, and everybody who waits for it."""

    __slots__ = (
        *("digits", "in_queue", "is_sent", "not_before_ms", "origin", "outcome", "owner", "payer", "route"),
        *("size", "waiters"),
    )

    def __init__(
        self, digits: str, not_before_ms: int, payer: Payer | None, owner: str = "", size: Size = "large"
    ) -> None:
        self.digits = digits
        self.owner = owner
        """Owners take turns."""
        self.size = size
        self.not_before_ms = not_before_ms
        """No answer from before then (milliseconds since the epoch) will do."""
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.payer = payer
        """Whose account is charged; None: nobody's."""
        self.waiters: list[Payer | None] = [payer]
        """An entry for everybody who waits."""
        self.origin = traces.here()
        """What it is asked for in."""
        self.route = 0
        """Which supplier is to be asked; see `routes.Routes`."""
        self.in_queue = False
        self.is_sent = False

    @property
    def is_patient(self) -> bool:
        """Whether work that can wait waits for it, and not only a caller who wants to know at once."""
        return any(payer is not None for payer in self.waiters)


class RouteQueue:
    """Those of one size that are to be asked for at one supplier."""

    def __init__(self) -> None:
        self.lookups: FairQueue[InFlightLookup] = FairQueue()
        self.arrived = asyncio.Event()
        """Set while there are any."""


class InFlightTable:
    """The open lookups of one request type: each number has at most one."""

    def __init__(self, routes: int = 1) -> None:
        self.open: dict[str, InFlightLookup] = {}
        self.queues: list[dict[Size, RouteQueue]] = [
            {size: RouteQueue() for size in SIZES} for _ in range(routes)
        ]
        self.queued = 0
        """Lookups in the queues for which somebody waits."""
        self.elsewhere: dict[str, InFlightLookup] = {}
        """Those that another replica is asking for."""
        self.held: list[InFlightLookup] = []
        """Those that wait for what comes of a trial of the upstream."""

    def take(
        self,
        digits: str,
        not_before_ms: int,
        payer: Payer | None = None,
        route: int | None = 0,
        owner: str = "",
        size: Size = "large",
    ) -> tuple[InFlightLookup, bool]:
        """The number's lookup, and whether its taker is the one who pays: the first one is.

        A new one is put into the queue of this route and size; None: into none.
        """
        ticket = self.open.get(digits)
        if ticket is not None and ticket.not_before_ms >= not_before_ms:
            return ticket, self._join(ticket, payer)
        ticket = InFlightLookup(digits, not_before_ms, payer, owner, size)
        self.open[digits] = ticket
        if route is not None:
            ticket.route = route
            self.queue_of(ticket).lookups.put(owner, ticket)
            self._count(ticket)
        return ticket, True

    def requeue(self, tickets: Iterable[InFlightLookup]) -> None:
        """Put lookups at the front of their routes' queues: their turn had come already."""
        for ticket in reversed(list(tickets)):
            self.queue_of(ticket).lookups.put_back(ticket.owner, ticket)
            self._count(ticket)

    def requeue_held(self) -> None:
        """Put those back that were held."""
        held, self.held = self.held, []
        self.requeue(held)

    def leave(self, ticket: InFlightLookup, payer: Payer | None = None) -> None:
        """One who waited waits no longer."""
        ticket.waiters.remove(payer)
        if ticket.in_queue and not ticket.waiters:
            self.queued -= 1

    def queue_of(self, ticket: InFlightLookup) -> RouteQueue:
        """Where a lookup waits for its turn."""
        return self.queues[ticket.route][ticket.size]

    def next_batch(self, most: int, route: int = 0, size: Size = "large") -> list[InFlightLookup]:
        """Those of a route whose turn it is, at most `most`; those that nobody waits for are dropped."""
        queue = self.queues[route][size]
        batch: list[InFlightLookup] = []
        while queue.lookups and len(batch) < most:
            for ticket in queue.lookups.take(most - len(batch)):
                ticket.in_queue = False
                if ticket.waiters:
                    self.queued -= 1
                    batch.append(ticket)
                else:
                    self._forget(ticket)
        if not queue.lookups:
            queue.arrived.clear()
        return batch

    def settle(self, outcomes: Iterable[tuple[InFlightLookup, Outcome]]) -> None:
        """Hand out outcomes."""
        for ticket, outcome in outcomes:
            self._forget(ticket)
            if not ticket.outcome.done():
                ticket.outcome.set_result(outcome)

    def fail(self, tickets: Iterable[InFlightLookup], error: Exception) -> None:
        """Tell whoever waits that it cannot be done."""
        for ticket in tickets:
            self._forget(ticket)
            if not ticket.outcome.done():
                ticket.outcome.set_exception(error)
                # Whoever waited may be gone; an error that nobody fetches is no news then.
                ticket.outcome.exception()

    def _join(self, ticket: InFlightLookup, payer: Payer | None) -> bool:
        """Wait for a ticket too. Returns whether that takes over paying from somebody who left."""
        pays = False
        if not ticket.waiters:
            # Who does the same piece of work again is told what it paid the first time.
            again = ticket.payer is not None and payer is not None and ticket.payer.part == payer.part
            pays = ticket.payer is None or not ticket.is_sent or again
            ticket.payer = payer if pays else ticket.payer
            self.queued += ticket.in_queue
        ticket.waiters.append(payer)
        return pays

    def _count(self, ticket: InFlightLookup) -> None:
        ticket.in_queue = True
        self.queued += bool(ticket.waiters)
        self.queue_of(ticket).arrived.set()

    def _forget(self, ticket: InFlightLookup) -> None:
        if self.open.get(ticket.digits) is ticket:
            del self.open[ticket.digits]
        self.elsewhere.pop(ticket.digits, None)
        if not ticket.waiters:
            ticket.outcome.cancel()
