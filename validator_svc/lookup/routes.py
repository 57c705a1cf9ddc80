"""Routes: the suppliers in the order in which they are asked, each with what keeps to its limits."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from validator_svc.lookup.circuit_breaker import BreakerState, CircuitBreaker
from validator_svc.lookup.inflight import SIZES, InFlightLookup, Size
from validator_svc.lookup.upstream_requests import UpstreamRequests
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.upstreams.choice import Choice
from validator_svc.upstreams.protocol import Upstream

# Numbers that are claimed together at a supplier that takes one a request.
GATHERED = 100
NO_PRICE = Decimal("Infinity")


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
    """All routes, in the operator's order."""

    def __init__(
        self,
        routes: Sequence[Route],
        region_of: Callable[[str], str | None],
        is_cheapest_first: bool = False,
        fill: frozenset[str] = frozenset(),
    ) -> None:
        """`region_of` gives the region (ISO 3166-1 alpha-2) of digits of E.164.

        `is_cheapest_first`: whether the price decides who is asked first; among equals the operator's order.
        `fill`: the fields of an answer for which, if it leaves them out, another one is asked.
        """
        self.fill = fill
        self.all = routes
        self.region_of = region_of
        self.orders = {each: order_of(routes, each, is_cheapest_first) for each in REQUEST_TYPES}
        """By request type: the places of the routes, first choice first."""

    def next_after(
        self,
        request_type: RequestType,
        digits: str,
        before: int | None = None,
        telling: frozenset[str] | None = None,
    ) -> int | None:
        """Where the number may be looked up: the first choice after the place `before`; None: nowhere.

        `telling`: only where one of these fields of an answer may be known.
        """
        order = self.orders[request_type]
        left = order if before is None else order[order.index(before) + 1 :]
        if not left:
            return None
        region_code = self.region_of(digits)
        return next(
            (
                at
                for at in left
                if (telling is None or telling & self.all[at].upstream.tells[request_type])
                and self.all[at].takes(request_type, region_code)
            ),
            None,
        )

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
        """USD a number of each type at the first supplier that answers it, and at one that fills in."""
        prices: dict[RequestType, Decimal] = {}
        for request_type, order in self.orders.items():
            known = [each for at in order if request_type in (each := self.all[at].upstream).prices]
            fills = [each for each in known[1:] if self.fill & each.tells[request_type]]
            asked = [*known[:1], *fills[:1]]
            if asked:
                prices[request_type] = sum((each.prices[request_type] for each in asked), Decimal(0))
        return prices

    @property
    def refused(self) -> list[Upstream]:
        """The suppliers that refuse their key."""
        return [route.upstream for route in self.all if route.breaker.state is BreakerState.REFUSED]

    def try_now(self) -> None:
        """An operator says that it works again: every supplier is tried."""
        for route in self.all:
            route.breaker.try_now()


def order_of(routes: Sequence[Route], request_type: RequestType, is_cheapest_first: bool) -> list[int]:
    """The places of routes for a request type, first choice first."""
    places = list(range(len(routes)))
    if not is_cheapest_first:
        return places
    prices = [route.upstream.prices.get(request_type, NO_PRICE) for route in routes]
    return sorted(places, key=prices.__getitem__)
