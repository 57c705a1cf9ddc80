"""Working a segment: its rows answered, its result stored, then counted. All of it repeatable."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog

from validator_svc import traces
from validator_svc.access.day_budget import DayUsedUpError, next_day_ms
from validator_svc.batches import scripts
from validator_svc.batches.batch import Batch, Done, UnreadableBatchError
from validator_svc.batches.budget import Budget
from validator_svc.batches.counts import Counts, tally
from validator_svc.batches.faults import BreaksProcessesError, Faults
from validator_svc.batches.owners_days import OwnersDays
from validator_svc.batches.partial_records import failed_rows, open_rows, without
from validator_svc.batches.plan_rows import PlanRows, Worked
from validator_svc.batches.screened_rows import ScreenedRows, counts_of_screened
from validator_svc.batches.segment_lookup import SegmentLookup, SegmentThread
from validator_svc.batches.segments import MissingObjectError, SegmentRows, Segments, StorageError
from validator_svc.batches.spec import Order, Plan, Status
from validator_svc.batches.state import Batches
from validator_svc.formats.assumed import ASSUMED, count_assumed
from validator_svc.lookup import metrics
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.moments import now_ms
from validator_svc.screening.screening import Screening

log = structlog.get_logger()

Result = TypeVar("Result")

# How long a batch that waits for the object store is paused.
STORAGE_AGAIN_MS = 5_000
# Batches of which it is remembered how often they were resumed.
BATCHES_HEARD = 1_000

Answer = Callable[[bytes | None], Awaitable[Worked | None]]
"""Answers a segment, given what was answered of it before (see `partial_records`); None: its batch paused."""


class SegmentWork:
    """Works segments; one for a process."""

    def __init__(
        self,
        batches: Batches,
        segments: Segments,
        resolver: Resolver,
        routes: Routes | None,
        budget: Budget,
        faults: Faults,
        days: OwnersDays,
        screening: Screening,
    ) -> None:
        self.days = days
        self.batches = batches
        self.segments = segments
        self.resolver = resolver
        self.routes = routes
        self.faults = faults
        self._plan_rows = PlanRows(resolver.classifier, segments)
        self._screened_rows = ScreenedRows(screening, segments)
        self._resumes: dict[str, int] = {}
        self._thread = SegmentThread()
        self._lookup = SegmentLookup(batches, segments, resolver, routes, budget, faults, self._thread)
        # One by one, so that of a process that ended it shows which segment it computed.
        self._turn = asyncio.Lock()

    async def segment(self, batch_id: str, index: int) -> Batch | None:
        """Work a segment to its end, or as far as it goes now; the reconciler puts back what is left.

        Returns its batch as it was before; None when that cannot go on. Nothing is raised but
        asyncio.CancelledError: a batch that cannot go on says so in its state.
        """
        batch = None
        try:
            batch = await self.batches.load(batch_id)
            if batch is None or batch.status not in (Status.QUEUED, Status.PROGRESS):
                return None
            with named_in_logs_and_traces(batch, index):
                if batch.status is Status.QUEUED:
                    await self.batches.begin(batch_id)
                self._hear(batch)
                await self._worked_or_told(batch, index)
        except (*STORE_ERRORS, StoreAwayError):
            log.warning("segment_waits_for_store", batch=batch_id, segment=index)
        except UnreadableBatchError as error:
            log.error("batch_unreadable", batch=batch_id, why=str(error))
        return batch

    async def _worked_or_told(self, batch: Batch, index: int) -> None:
        """Work the segment; what keeps it from its end is told in the batch's state."""
        plan, batch_id = batch.plan, batch.plan.batch_id
        try:
            await self._work(batch, index)
        except (*STORE_ERRORS, StoreAwayError):
            raise
        except StorageError as error:
            log.warning("segment_waits_for_storage", batch=batch_id, segment=index, why=str(error))
            await self._pause(batch_id, f"storage: the object store fails: {error}", STORAGE_AGAIN_MS)
        except MissingObjectError as error:
            log.error("segment_lost", batch=batch_id, segment=index, path=str(error))
            await self._fail(batch_id, "storage: a stored object of this batch is missing or broken")
        except BreaksProcessesError as error:
            log.error("segment_breaks_processes", batch=batch_id, segment=index, processes=str(error))
            why = f"internal_error: {error} processes ended at {rows_in(plan, index)}"
            await self._fail(batch_id, f"{why}, for want of memory perhaps; retry goes on with them")
        except Exception:
            log.exception("segment_broke", batch=batch_id, segment=index)
            await self._note_fault(plan, index)

    def _hear(self, batch: Batch) -> None:
        """Try the upstream at once if the owner resumed the batch since we last worked it."""
        heard = self._resumes.pop(batch.plan.batch_id, 0)
        if self.routes is not None and batch.resumes > heard:
            self.routes.try_now()
        self._resumes[batch.plan.batch_id] = batch.resumes
        if len(self._resumes) > BATCHES_HEARD:
            del self._resumes[next(iter(self._resumes))]

    async def _work(self, batch: Batch, index: int) -> None:
        plan, batch_id, generation = batch.plan, batch.plan.batch_id, batch.generation
        (done,) = await self.batches.done(batch_id, [index])
        if done is not None and done.generation == generation:
            return
        counts = None
        try:
            # Stored by a process that was killed before it could count it.
            lines = await asyncio.to_thread(self.segments.result, batch_id, index, generation)
        except MissingObjectError:
            if plan.order.system:
                worked = await self._screened(batch, index)
            else:
                worked = await self._answered(batch, index, done)
            if worked is None:
                return
            # If two worked it at the same time, what counts is what is stored.
            lines = await asyncio.to_thread(
                self.segments.put_result, batch_id, index, generation, worked.lines
            )
            if lines == worked.lines:
                counts = worked.counts
        if counts is None and plan.order.system:
            counts = await self._thread.do(counts_of_screened, lines)
        elif counts is None:
            rows = await self._thread.do(self.segments.rows, plan, index)
            counts = await self._thread.do(counted, plan.order, rows, lines)
        outcome = await self.batches.record(batch_id, index, generation, counts)
        if outcome in (scripts.DONE, scripts.ENDED):
            metrics.note_numbers("batch", plan.order.request_type, counts)
        if outcome == scripts.ENDED:
            log.info("batch_ended", rows=plan.rows)
        if outcome == scripts.GONE:
            await asyncio.to_thread(self.segments.erase, batch_id)

    async def _answered(self, batch: Batch, index: int, done: Done | None) -> Worked | None:
        """The segment answered, which was `done` before a retry; None when the batch had to pause."""
        plan = batch.plan

        async def answer(before: bytes | None) -> Worked | None:
            if before is None and not self.resolver.is_paid(plan.order.request_type):
                return await self._marked(plan, index, self._plan_rows.worked)
            rows = await self._marked(plan, index, self.segments.rows)
            lines = await self._lookup.answered(batch, index, rows, before)
            return None if lines is None else Worked(lines)

        return await self._within_day(batch, index, done, plan.rows_in(index), answer)

    async def _screened(self, batch: Batch, index: int) -> Worked | None:
        """The requests of the segment screened; None when the batch had to pause.

        What is looked up, stored when the batch pauses, and counted for its owner's day is their numbers.
        """
        requests, texts = await self._marked(batch.plan, index, self._screened_rows.read)

        async def answer(before: bytes | None) -> Worked | None:
            lines = await self._lookup.answered(batch, index, SegmentRows([*texts], None), before)
            return None if lines is None else Worked(lines)

        numbers = await self._within_day(batch, index, None, len(texts), answer) if texts else Worked(b"")
        if numbers is None:
            return None
        written = self._screened_rows.written
        return Worked(await self._thread.do(written, batch.plan, requests, texts, numbers.lines))

    async def _within_day(
        self, batch: Batch, index: int, done: Done | None, rows: int, answer: Answer
    ) -> Worked | None:
        """What `answer` gives; None when it had the batch pause, or the owner's day has no room for it.

        `rows`: how many there are to answer where none was answered before.
        """
        before = await self._before(batch, index, done)
        try:
            reserved = await self.days.reserve(
                batch.plan.order, rows if before is None else len(open_rows(before))
            )
        except DayUsedUpError as error:
            await self.batches.pause(batch.plan.batch_id, str(error), next_day_ms())
            return None
        worked = await answer(before)
        after = worked.lines if worked is not None else await self._before(batch, index, done)
        await self.days.settle(reserved, before or b"", after or b"")
        return worked

    async def _before(self, batch: Batch, index: int, done: Done | None) -> bytes | None:
        """What was answered before the batch paused, or before the retry; None when nothing was.

        See `partial_records`.
        """
        batch_id = batch.plan.batch_id
        try:
            return await asyncio.to_thread(self.segments.partial, batch_id, index, batch.generation)
        except MissingObjectError:
            if done is None:
                return None
        lines = await asyncio.to_thread(self.segments.result, batch_id, index, done.generation)
        return without(lines, failed_rows(lines))

    async def _marked(self, plan: Plan, index: int, compute: Callable[[Plan, int], Result]) -> Result:
        """Compute a segment, marked meanwhile, see `faults`."""
        async with self._turn, self.faults.marked(plan.batch_id, index):
            return await self._thread.do(compute, plan, index)

    async def _pause(self, batch_id: str, why: str, again_ms: int) -> None:
        try:
            await self.batches.pause(batch_id, why, now_ms() + again_ms)
        except STORE_ERRORS:
            log.warning("pause_not_noted", batch=batch_id)

    async def _fail(self, batch_id: str, why: str) -> None:
        try:
            await self.batches.fail(batch_id, why)
        except STORE_ERRORS:
            log.warning("failure_not_noted", batch=batch_id)

    async def _note_fault(self, plan: Plan, index: int) -> None:
        try:
            faults = await self.faults.broke(plan.batch_id, index)
        except STORE_ERRORS:
            return
        if faults >= self.faults.most:
            why = f"internal_error: {rows_in(plan, index)} broke {faults} times; the log has details"
            await self._fail(plan.batch_id, why)


@contextmanager
def named_in_logs_and_traces(batch: Batch, index: int) -> Iterator[None]:
    """Say of all that is logged and traced in the block which segment it belongs to, and whose."""
    order = batch.plan.order
    names: dict[str, str | int] = {
        "batch": batch.plan.batch_id,
        "segment": index,
        "request_id": order.request_id,
    }
    attributes: traces.Attributes = {f"validator.{name}": value for name, value in names.items()}
    in_logs = structlog.contextvars.bound_contextvars(**names)
    with in_logs, traces.span("segment", "consumer", [order.trace], attributes):
        yield


def rows_in(plan: Plan, index: int) -> str:
    """Which rows a segment has, for people."""
    first = index * plan.segment_rows
    return f"rows {first + 1} to {min(first + plan.segment_rows, plan.rows)}"


def counted(order: Order, rows: SegmentRows, lines: bytes) -> Counts:
    """What the records of a segment add up to: see `tally`, and `assumed_international`."""
    counts = tally(lines)
    if order.region_code is None and (assumed := count_assumed(rows.texts, lines, rows.regions)):
        counts[ASSUMED] = assumed
    return counts
