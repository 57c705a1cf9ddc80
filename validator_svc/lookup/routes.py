"""Routes: the suppliers in the order in which they are asked, each with what keeps to its limits."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from validator_svc.lookup.circuit_breaker import BreakerState, CircuitBreaker
from validator_svc.lookup.inflight import SIZES, InFlightLookup, Size
from validator_svc.lookup.upstream_requests import UpstreamRequests
from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.choice import Choice
from validator_svc.upstreams.protocol import Upstream

# Numbers that are claimed together at a supplier that takes one a request.
GATHERED = 100


class Route:
    """One supplier that may be asked for some numbers."""

    def __init__(self, choice: Choice, requests: UpstreamRequests) -> None:
        self.choice = choice
        self.requests = requests
        limits = requests.upstream.limits
        self.slots = asyncio.Semaphore(limits.concurrency)
        # One is left to small requests, if there are several: jobs hold theirs for long.
        self.slots_of_large = asyncio.Semaphore(max(1, limits.concurrency - 1))
        self.gathered = max(limits.numbers_per_request, GATHERED)
        self.ready: dict[Size, asyncio.Queue[tuple[RequestType, list[InFlightLookup]]]] = {
            size: asyncio.Queue(maxsize=1) for size in SIZES
        }

    @property
    def upstream(self) -> Upstream:
        """The supplier."""
        return self.requests.upstream

    @property
    def breaker(self) -> CircuitBreaker:
        """The breaker to the supplier."""
        return self.requests.breaker

    def takes(self, request_type: RequestType, region_code: str | None) -> bool:
        """Whether numbers of this region may be looked up here: the supplier can, the operator allows it."""
        return self.choice.allows(request_type, region_code) and self.upstream.answers(
            request_type, region_code
        )


class Routes:
    """All routes, first choice first."""

    def __init__(self, routes: Sequence[Route], region_of: Callable[[str], str | None]) -> None:
        """`region_of` gives the region (ISO 3166-1 alpha-2) of digits of E.164."""
        self.all = routes
        self.region_of = region_of

    def next_after(self, request_type: RequestType, digits: str, before: int = -1) -> int | None:
        """Where the number may be looked up: the first place after `before`; None: nowhere."""
        if before + 1 >= len(self.all):
            return None
        region_code = self.region_of(digits)
        for at in range(before + 1, len(self.all)):
            if self.all[at].takes(request_type, region_code):
                return at
        return None

    def named(self, supplier: str) -> Route | None:
        """The route to a supplier; None when it is not used any more."""
        return next((route for route in self.all if route.upstream.name == supplier), None)

    @property
    def state(self) -> BreakerState:
        """Closed while any supplier may be asked; otherwise why the first one may not."""
        states = [route.breaker.state for route in self.all]
        return BreakerState.CLOSED if BreakerState.CLOSED in states else states[0]

    @property
    def times_broken(self) -> int:
        """How often every supplier's breaker has opened after failures in a row."""
        return min(route.breaker.times_broken for route in self.all)

    @property
    def prices(self) -> Mapping[RequestType, Decimal]:
        """USD a number of each type, at the first supplier that answers it."""
        prices: dict[RequestType, Decimal] = {}
        for route in self.all:
            prices = {**route.upstream.prices, **prices}
        return prices

    @property
    def refused(self) -> list[Upstream]:
        """The suppliers that refuse their key."""
        return [route.upstream for route in self.all if route.breaker.state is BreakerState.REFUSED]

    def try_now(self) -> None:
        """An operator says that it works again: every supplier is tried."""
        for route in self.all:
            route.breaker.try_now()
