"""The numbers of a segment looked up, within what their batch may cost.

A row is done when it is answered, or its own lookup failed. What the upstream did not answer as a
whole is stored as open, and asked again when the batch, which pauses for that, goes on.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from validator_svc.batches import keys
from validator_svc.batches.batch import Batch
from validator_svc.batches.budget import Budget
from validator_svc.batches.faults import Faults
from validator_svc.batches.partial_records import open_rows, replaced, without
from validator_svc.batches.segments import SegmentRows, Segments
from validator_svc.batches.spec import Order
from validator_svc.batches.state import Batches
from validator_svc.batches.unanswered import Round, failed_as_a_whole
from validator_svc.formats.row_regions import by_region
from validator_svc.kernel.classify import without_country
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.payer import Payer
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.moments import now_ms
from validator_svc.numbering.countries import UNKNOWN

Result = TypeVar("Result")

# How long a paused batch waits before it looks again: the breaker has a backoff of its own, and lets
# whoever looks through only when it is time.
UPSTREAM_AGAIN_MS = 2_000
# So often rows that the upstream may have billed are asked again.
MOST_PUT_BACK = 5

OVER_BUDGET = "max_cost: the next numbers could cost more than max_cost allows; resume with a higher one"


class SegmentThread:
    """The thread in which the segments of a process are computed.

    What holds the interpreter goes one by one: several threads would only take it from each other,
    and from the event loop.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "segments")

    async def do(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Call a function in the thread; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


class SegmentLookup:
    """Looks up the numbers of segments; one for a process."""

    def __init__(
        self,
        batches: Batches,
        segments: Segments,
        resolver: Resolver,
        routes: Routes | None,
        budget: Budget,
        faults: Faults,
        thread: SegmentThread,
    ) -> None:
        self.batches = batches
        self.segments = segments
        self.resolver = resolver
        self.routes = routes
        self.budget = budget
        self.faults = faults
        self.thread = thread

    async def answered(
        self, batch: Batch, index: int, rows: SegmentRows, before: bytes | None
    ) -> bytes | None:
        """The records of a segment, `before` being those it had; None when the batch had to pause.

        Raises StorageError, StoreAwayError, redis.exceptions.RedisError.
        """
        batch_id = batch.plan.batch_id
        asked = list(range(len(rows.texts))) if before is None else open_rows(before)
        wanted = rows.chosen(asked)
        if not await self.budget.allows(batch, wanted):
            await self.batches.pause(batch_id, OVER_BUDGET, None)
            return None
        payer = Payer(keys.batch(batch_id), f"{batch_id}:{index}", lambda: self.batches.may_pay(batch_id))
        broken_before = self.routes.times_broken if self.routes is not None else 0
        lines = await self._resolved(wanted, batch.plan.order, payer)
        waiting, why = await self._waiting(batch_id, index, lines, payer, broken_before)
        lines = without(lines, waiting)
        merged = lines if before is None else replaced(before, asked, lines)
        if not waiting:
            return merged
        await asyncio.to_thread(self.segments.put_partial, batch_id, index, batch.generation, merged)
        await self.batches.pause(batch_id, why, now_ms() + UPSTREAM_AGAIN_MS)
        return None

    async def _waiting(
        self, batch_id: str, index: int, lines: bytes, payer: Payer, broken_before: int
    ) -> tuple[list[int], str]:
        """Which of the records are to wait for the upstream and be asked again, and why."""
        if self.routes is None or not payer.unanswered:
            return [], ""
        has_broken = self.routes.times_broken > broken_before
        worked = Round(lines, failed_as_a_whole(lines, payer.unanswered), self.routes.state, has_broken)
        faults = 0
        if worked.is_limited:
            faults = await self.faults.put_back(batch_id, index)
        return worked.waiting(may_be_repeated=faults < MOST_PUT_BACK), worked.why

    async def _resolved(self, rows: SegmentRows, order: Order, payer: Payer) -> bytes:
        """A record for each row, in order."""
        if rows.regions is None:
            return await self._lines(rows.texts, order, order.region_code, payer)
        answered: dict[int, bytes] = {}
        for region_code, of_region in by_region(rows.regions).items():
            lines = await self._lines([rows.texts[at] for at in of_region], order, region_code, payer)
            answered |= zip(of_region, lines.splitlines(keepends=True), strict=True)
        return b"".join(answered[at] for at in range(len(rows.texts)))

    async def _lines(
        self, texts: Sequence[Text], order: Order, region_code: str | None, payer: Payer
    ) -> bytes:
        """A record for each number, all read in one region."""
        request_type = order.request_type
        if region_code == UNKNOWN:
            return await self.thread.do(without_country, [text or "" for text in texts], request_type)
        if not self.resolver.is_paid(request_type):
            return await self.thread.do(self.resolver.classifier.rows, texts, request_type, region_code)
        wanted = Wanted(
            request_type,
            region_code,
            not_before_ms=order.not_before_ms,
            payer=payer,
            owner=order.owner,
            shows_checked_at=order.shows_checked_at,
        )
        return await self.resolver.whole(texts, wanted)
