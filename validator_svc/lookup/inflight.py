"""InFlightTable: who waits for the answer of which number, in this process."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from validator_svc import traces
from validator_svc.lookup.answer_cache import Paid
from validator_svc.lookup.fair_queue import FairQueue
from validator_svc.lookup.payer import Payer
from validator_svc.upstreams.filling import filled
from validator_svc.upstreams.outcome import Outcome

Size = Literal["small", "large"]
SIZES: tuple[Size, ...] = ("small", "large")
"""Of what a number came in. Small requests have queues of their own: they never wait for large ones."""

# Numbers that are looked up together, and are still a small request.
SMALL_NUMBERS = 100


class InFlightLookup:
    """One number that is to be looked up, and everybody who waits for it."""

    __slots__ = (
        *("digits", "first", "in_queue", "is_sent", "missing", "not_before_ms", "origin", "outcome", "owner"),
        *("payer", "route", "size", "waiters"),
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
        self.first: Paid | None = None
        """What one supplier said, while another one is asked for what it left out; it stands anyhow."""
        self.missing: frozenset[str] | None = None
        """Which fields of the answer it left out."""

    def sent(self) -> None:
        """It is asked for now; whoever waits pays for it if the payer is gone."""
        self.is_sent = True
        if self.first is None and self.waiters and self.payer not in self.waiters:
            self.payer = self.waiters[0]

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
        lookup = self.open.get(digits)
        if lookup is not None and lookup.not_before_ms >= not_before_ms:
            return lookup, self._join(lookup, payer)
        lookup = InFlightLookup(digits, not_before_ms, payer, owner, size)
        self.open[digits] = lookup
        if route is not None:
            lookup.route = route
            self.queue_of(lookup).lookups.put(owner, lookup)
            self._count(lookup)
        return lookup, True

    def requeue(self, lookups: Iterable[InFlightLookup]) -> None:
        """Put lookups at the front of their routes' queues: their turn had come already."""
        for lookup in reversed(list(lookups)):
            self.queue_of(lookup).lookups.put_back(lookup.owner, lookup)
            self._count(lookup)

    def requeue_held(self) -> None:
        """Put those back that were held."""
        held, self.held = self.held, []
        self.requeue(held)

    def leave(self, lookup: InFlightLookup, payer: Payer | None = None) -> None:
        """One who waited waits no longer."""
        lookup.waiters.remove(payer)
        if lookup.in_queue and not lookup.waiters:
            self.queued -= 1

    def queue_of(self, lookup: InFlightLookup) -> RouteQueue:
        """Where a lookup waits for its turn."""
        return self.queues[lookup.route][lookup.size]

    def next_batch(self, most: int, route: int = 0, size: Size = "large") -> list[InFlightLookup]:
        """Those of a route whose turn it is, at most `most`; those that nobody waits for are dropped."""
        queue = self.queues[route][size]
        batch: list[InFlightLookup] = []
        while queue.lookups and len(batch) < most:
            for lookup in queue.lookups.take(most - len(batch)):
                lookup.in_queue = False
                if lookup.waiters:
                    self.queued -= 1
                    batch.append(lookup)
                else:
                    self._forget(lookup)
        if not queue.lookups:
            queue.arrived.clear()
        return batch

    def settle(self, outcomes: Iterable[tuple[InFlightLookup, Outcome]]) -> None:
        """Hand out outcomes."""
        for lookup, outcome in outcomes:
            self._forget(lookup)
            if not lookup.outcome.done():
                first = lookup.first
                lookup.outcome.set_result(outcome if first is None else filled(first.outcome, outcome))

    def fail(self, lookups: Iterable[InFlightLookup], error: Exception) -> None:
        """Tell whoever waits that it cannot be done; of what was answered before, that stands."""
        for lookup in lookups:
            self._forget(lookup)
            if lookup.outcome.done():
                continue
            if lookup.first is not None:
                lookup.outcome.set_result(lookup.first.outcome)
            else:
                lookup.outcome.set_exception(error)
                # Whoever waited may be gone; an error that nobody fetches is no news then.
                lookup.outcome.exception()

    def _join(self, lookup: InFlightLookup, payer: Payer | None) -> bool:
        """Wait for a lookup too. Returns whether that takes over paying from somebody who left."""
        pays = False
        if not lookup.waiters:
            # Who does the same piece of work again is told what it paid the first time.
            again = lookup.payer is not None and payer is not None and lookup.payer.part == payer.part
            pays = lookup.payer is None or not lookup.is_sent or again
            lookup.payer = payer if pays else lookup.payer
            self.queued += lookup.in_queue
        lookup.waiters.append(payer)
        return pays

    def _count(self, lookup: InFlightLookup) -> None:
        lookup.in_queue = True
        self.queued += bool(lookup.waiters)
        self.queue_of(lookup).arrived.set()

    def _forget(self, lookup: InFlightLookup) -> None:
        if self.open.get(lookup.digits) is lookup:
            del self.open[lookup.digits]
        self.elsewhere.pop(lookup.digits, None)
        if not lookup.waiters:
            lookup.outcome.cancel()
