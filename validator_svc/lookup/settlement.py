"""Settlement: how lookups in flight go on once something is known of them, or are told that it cannot be.

An answer is kept before anybody is told, so that nobody pays for it again. What a supplier turned away, so
that nothing was billed, goes on to the next one that takes it, and so does an answer that leaves a field out
which the operator wants filled in. Whatever ends gives its claim back.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import structlog

from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.cached_answer import Kept
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.inflight import InFlightLookup, InFlightTable
from validator_svc.lookup.payer import outcome_for
from validator_svc.lookup.routes import Route, Routes
from validator_svc.lookup.store import STORE_ERRORS, STORE_PAUSE_S, StoreAwayError
from validator_svc.lookup.upstream_requests import Outcomes, failures
from validator_svc.numbering.facts import RequestType
from validator_svc.record.record import FREE
from validator_svc.upstreams.filling import missing
from validator_svc.upstreams.outcome import UPSTREAM_FAILED, Outcome, Unanswered

log = structlog.get_logger()

# How a number fails that another supplier may be asked for.
UNPAID = (Unanswered.NOT_ASKED, Unanswered.NOT_COVERED)
STORE_ATTEMPTS = 20


class Settlement:
    """Ends the lookups of one request type, or passes them on."""

    def __init__(
        self,
        request_type: RequestType,
        cache: Cache,
        claims: Claims,
        routes: Routes,
        in_flight: InFlightTable,
    ) -> None:
        self.request_type = request_type
        self.cache = cache
        self.claims = claims
        self.routes = routes
        self.in_flight = in_flight

    async def take(self, asked: dict[str, InFlightLookup], outcomes: Outcomes) -> None:
        """Take outcomes of lookups in `asked`; what goes on to another supplier unpaid is left there."""
        done = [
            (lookup, outcome)
            for lookup, outcome in ((asked[digits], outcome) for digits, outcome in outcomes.items())
            if outcome.unanswered not in UNPAID or self._next(lookup) is None
        ]
        await self._keep(done)
        for lookup, _ in done:
            del asked[lookup.digits]
        filling = self._to_be_filled(done)
        self.in_flight.settle((lookup, outcome) for lookup, outcome in done if lookup not in filling)
        self.in_flight.requeue(filling)

    async def pass_on(self, lookups: Sequence[InFlightLookup]) -> list[InFlightLookup]:
        """Have the next supplier asked that takes the number; returns those that none takes."""
        onward, left = [], []
        for lookup in lookups:
            route = self._next(lookup)
            if route is None:
                left.append(lookup)
            else:
                lookup.route, lookup.is_sent = route, lookup.first is not None
                onward.append(lookup)
        await self.release(lookup.digits for lookup in onward)
        self.in_flight.requeue(onward)
        return left

    async def turn_away(self, route: Route, lookups: Sequence[InFlightLookup]) -> None:
        """See to lookups for which the breaker is open: while it is tried, those that can wait do.

        Those that another supplier takes go there.
        """
        lookups = await self.pass_on(lookups)
        held = [lookup for lookup in lookups if lookup.is_patient] if route.breaker.is_tried else []
        await self.hold(held)
        left = [lookup for lookup in lookups if lookup not in set(held)]
        await self.fail(left, route.breaker.refusal)

    async def hold(self, lookups: Sequence[InFlightLookup]) -> None:
        """Have them wait for what comes of a trial."""
        self.in_flight.held += lookups
        await self.release(lookup.digits for lookup in lookups)

    async def fail(
        self,
        lookups: Iterable[InFlightLookup],
        code: str,
        unanswered: Unanswered | None = Unanswered.NOT_ASKED,
    ) -> None:
        """Answer with a failure of the upstream as a whole, and let others have the numbers."""
        by_digits = {lookup.digits: lookup for lookup in lookups}
        coded = failures(by_digits, code, unanswered)
        self.in_flight.settle((by_digits[digits], outcome) for digits, outcome in coded.items())
        await self.release(by_digits)

    async def give_up(self, lookups: Iterable[InFlightLookup]) -> None:
        """Say that the store is away, and let others have the numbers."""
        lookups = list(lookups)
        self.in_flight.fail(lookups, StoreAwayError())
        await self.release(lookup.digits for lookup in lookups)

    async def wanted(self, lookups: Sequence[InFlightLookup]) -> list[InFlightLookup]:
        """Those of the lookups that somebody still wants to pay; the others are done with.

        Raises redis.exceptions.RedisError.
        """
        wanted = await with_open_payers(lookups)
        unwanted = set(lookups).difference(wanted)
        await self.give_up(lookup for lookup in unwanted if not lookup.waiters)
        await self.fail((lookup for lookup in unwanted if lookup.waiters), UPSTREAM_FAILED)
        return wanted

    async def take_found(self, lookups: Sequence[InFlightLookup]) -> list[InFlightLookup]:
        """Settle those whose answer is in the cache by now, and new enough; returns them.

        Raises redis.exceptions.RedisError.
        """
        answers = await self.cache.read(self.request_type, [lookup.digits for lookup in lookups])
        found = [
            (lookup, kept)
            for lookup in lookups
            if (kept := answers.get(lookup.digits)) and kept.answer.at_ms >= lookup.not_before_ms
        ]
        self.in_flight.settle((lookup, found_for(lookup, kept)) for lookup, kept in found)
        return [lookup for lookup, _ in found]

    async def release(self, numbers: Iterable[str]) -> None:
        """Give claims back; while the store is away they end by themselves."""
        with contextlib.suppress(*STORE_ERRORS):
            await self.claims.release(self.request_type, numbers)

    def _next(self, lookup: InFlightLookup) -> int | None:
        """Where the number goes after the supplier that has it."""
        return self.routes.next_after(self.request_type, lookup.digits, lookup.route, lookup.missing)

    def _to_be_filled(self, done: Sequence[tuple[InFlightLookup, Outcome]]) -> dict[InFlightLookup, None]:
        """Those whose answer one more supplier is asked to fill in; they go to its queue."""
        filling = dict[InFlightLookup, None]()
        for lookup, outcome in done:
            left_out = missing(outcome, self.routes.fill) if lookup.first is None else frozenset()
            if not left_out or lookup.outcome.done():
                continue
            route = self.routes.next_after(self.request_type, lookup.digits, lookup.route, left_out)
            if route is not None:
                lookup.first, lookup.missing = Paid(outcome, lookup.payer), left_out
                lookup.route = route
                filling[lookup] = None
        return filling

    async def _keep(self, done: Sequence[tuple[InFlightLookup, Outcome]]) -> None:
        """Write what was paid for, then give the claims back; that waits for the store, however long.

        So what a batch says that it paid leaves nothing out, whatever becomes of the store; its segments
        would have to wait as well. Who is on nobody's account is told before, once it takes long.
        """
        paid = {lookup.digits: Paid(outcome, lookup.payer, lookup.first) for lookup, outcome in done}
        self._count(paid)
        try:
            for attempt in itertools.count(1):
                with contextlib.suppress(*STORE_ERRORS):
                    await self.cache.write(self.request_type, paid)
                    return await self.claims.release(self.request_type, paid)
                if attempt == STORE_ATTEMPTS:
                    log.error("paid_answers_wait_for_store", numbers=len(paid))
                    self.in_flight.settle((each, outcome) for each, outcome in done if not each.is_patient)
                await asyncio.sleep(STORE_PAUSE_S)
        except asyncio.CancelledError:
            log.error("paid_answers_not_kept", numbers=len(paid))
            raise

    def _count(self, paid: Mapping[str, Paid]) -> None:
        costs = Counter((each.outcome.source, each.outcome.cost) for each in paid.values())
        for (supplier, cost), count in costs.items():
            if cost != FREE:
                metrics.SPENT.labels(supplier, self.request_type).inc(float(cost) * count)


def found_for(lookup: InFlightLookup, kept: Kept) -> Outcome:
    """The outcome for an answer from the cache; what fills one in has been paid for."""
    return outcome_for(None if lookup.first else lookup.payer, kept)


async def with_open_payers(lookups: Sequence[InFlightLookup]) -> list[InFlightLookup]:
    """Those of the lookups for which somebody waits who wants to pay, or joined who does."""
    payers = {payer.account: payer for lookup in lookups for payer in lookup.waiters if payer}
    open_accounts = {account for account, payer in payers.items() if await payer.is_open()}
    return [
        lookup
        for lookup in lookups
        if any(payer is None or payer.account in open_accounts for payer in lookup.waiters)
    ]
