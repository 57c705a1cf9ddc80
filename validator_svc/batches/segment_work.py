"""Working a segment: its rows through the resolver, its result stored, then counted. All of it repeatable.

A row is done when it is answered, or its own lookup failed. What the upstream did not answer as a
whole is stored as open, and asked again when the batch goes on.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from typing import TypeVar

import structlog

from validator_svc import traces
from validator_svc.access.day_budget import DayUsedUpError, next_day_ms
from validator_svc.batches import keys, scripts
from validator_svc.batches.batch import Batch, Done, UnreadableBatchError
from validator_svc.batches.budget import Budget
from validator_svc.batches.counts import Counts, tally
from validator_svc.batches.faults import BreaksProcessesError, Faults
from validator_svc.batches.owners_days import OwnersDays
from validator_svc.batches.plan_rows import PlanRows, Worked
from validator_svc.batches.screened_rows import ScreenedRows, counts_of_screened
from validator_svc.batches.segments import MissingObjectError, Rows, Segments, StorageError
from validator_svc.batches.spec import Order, Plan, Status
from validator_svc.batches.state import Batches
from validator_svc.batches.unanswered import Round, failed_as_a_whole
from validator_svc.formats.assumed import ASSUMED, count_assumed
from validator_svc.kernel.classify import without_country
from validator_svc.lookup import metrics
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.payer import Payer
from validator_svc.lookup.read_ahead import Text, one_block
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.moments import now_ms
from validator_svc.numbering.countries import UNKNOWN
from validator_svc.record.finished import FAILED
from validator_svc.screening.screening import Screening

log = structlog.get_logger()

Result = TypeVar("Result")

# How long a paused batch waits before it looks again: the breaker has a backoff of its own, and lets
# whoever looks through only when it is time.
UPSTREAM_AGAIN_MS = 2_000
STORAGE_AGAIN_MS = 5_000
# So often rows that the upstream may have billed are asked again.
MOST_PUT_BACK = 5
# Batches of which it is remembered how often they were resumed.
BATCHES_HEARD = 1_000

OVER_BUDGET = "max_cost: the next numbers could cost more than max_cost allows; resume with a higher one"


class Work:
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
        self.budget = budget
        self.faults = faults
        self._plan_rows = PlanRows(resolver.classifier, segments)
        self._screened_rows = ScreenedRows(screening, segments)
        self._resumes: dict[str, int] = {}
        # What holds the interpreter goes one by one: several threads would only take it from each other,
        # and from the event loop. And of a process that ended it shows which segment it computed.
        self._thread = ThreadPoolExecutor(1, "segments")
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
                worked = await self._worked(batch, index, done)
            if worked is None:
                return
            # If two worked it at the same time, what counts is what is stored.
            lines = await asyncio.to_thread(
                self.segments.put_result, batch_id, index, generation, worked.lines
            )
            if lines == worked.lines:
                counts = worked.counts
        if counts is None and plan.order.system:
            counts = await self._computed(counts_of_screened, lines)
        elif counts is None:
            rows = await self._computed(self.segments.rows, plan, index)
            counts = await self._computed(counted, plan.order, rows, lines)
        outcome = await self.batches.record(batch_id, index, generation, counts)
        if outcome in (scripts.DONE, scripts.ENDED):
            metrics.note_numbers("batch", plan.order.request_type, counts)
        if outcome == scripts.ENDED:
            log.info("batch_ended", rows=plan.rows)
        if outcome == scripts.GONE:
            await asyncio.to_thread(self.segments.erase, batch_id)

    async def _worked(self, batch: Batch, index: int, done: Done | None) -> Worked | None:
        """The segment answered, which was `done` before a retry; None when the batch had to pause."""
        before = await self._before(batch, index, done)
        asked = batch.plan.rows_in(index) if before is None else len(open_rows(before))
        try:
            reserved = await self.days.reserve(batch.plan.order, asked)
        except DayUsedUpError as error:
            await self.batches.pause(batch.plan.batch_id, str(error), next_day_ms())
            return None
        worked = await self._within_day(batch, index, before)
        after = worked.lines if worked is not None else await self._before(batch, index, done)
        await self.days.settle(reserved, before or b"", after or b"")
        return worked

    async def _screened(self, batch: Batch, index: int) -> Worked | None:
        """The requests of the segment screened; None when the batch had to pause.

        What is looked up, stored when the batch pauses, and counted for its owner's day is their numbers.
        """
        plan = batch.plan
        async with self._turn, self.faults.marked(plan.batch_id, index):
            asked, texts = await self._computed(self._screened_rows.read, plan, index)
        before = await self._part(batch, index)
        open_numbers = len(texts) if before is None else len(open_rows(before))
        try:
            reserved = await self.days.reserve(plan.order, open_numbers)
        except DayUsedUpError as error:
            await self.batches.pause(plan.batch_id, str(error), next_day_ms())
            return None
        rows = Rows([*texts], None)
        records = await self._answered(batch, index, rows, before) if texts else b""
        after = records if records is not None else await self._part(batch, index)
        await self.days.settle(reserved, before or b"", after or b"")
        if records is None:
            return None
        return Worked(await self._computed(self._screened_rows.written, plan, asked, texts, records))

    async def _part(self, batch: Batch, index: int) -> bytes | None:
        """What was answered before the batch paused; None when nothing was."""
        try:
            return await asyncio.to_thread(self.segments.part, batch.plan.batch_id, index, batch.generation)
        except MissingObjectError:
            return None

    async def _within_day(self, batch: Batch, index: int, before: bytes | None) -> Worked | None:
        """The segment answered, once its owner's day has room for it; None when the batch had to pause."""
        if before is None and not self.resolver.is_paid(batch.plan.order.request_type):
            async with self._turn, self.faults.marked(batch.plan.batch_id, index):
                return await self._computed(self._plan_rows.worked, batch.plan, index)
        async with self._turn, self.faults.marked(batch.plan.batch_id, index):
            rows = await self._computed(self.segments.rows, batch.plan, index)
        lines = await self._answered(batch, index, rows, before)
        return None if lines is None else Worked(lines)

    async def _answered(self, batch: Batch, index: int, rows: Rows, before: bytes | None) -> bytes | None:
        """The records of the segment, `before` being those it had; None when the batch had to pause."""
        batch_id = batch.plan.batch_id
        asked = list(range(len(rows.texts))) if before is None else open_rows(before)
        if not await self.budget.allows(batch, chosen(rows, asked)):
            await self.batches.pause(batch_id, OVER_BUDGET, None)
            return None
        payer = self._payer(batch_id, index)
        broken_before = self.routes.times_broken if self.routes is not None else 0
        lines = await self._resolved(chosen(rows, asked), batch.plan.order, payer)
        waiting, why = await self._waiting(batch_id, index, lines, payer, broken_before)
        lines = without(lines, waiting)
        merged = lines if before is None else replaced(before, asked, lines)
        if not waiting:
            return merged
        await asyncio.to_thread(self.segments.put_part, batch_id, index, batch.generation, merged)
        await self.batches.pause(batch_id, why, now_ms() + UPSTREAM_AGAIN_MS)
        return None

    def _payer(self, batch_id: str, index: int) -> Payer:
        return Payer(keys.batch(batch_id), f"{batch_id}:{index}", lambda: self.batches.may_pay(batch_id))

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

    async def _before(self, batch: Batch, index: int, done: Done | None) -> bytes | None:
        """What was answered before the batch paused, or before the retry; None when nothing was.

        One line a row, empty for a row that is to be asked.
        """
        part = await self._part(batch, index)
        if part is not None:
            return part
        if done is None:
            return None
        lines = await asyncio.to_thread(self.segments.result, batch.plan.batch_id, index, done.generation)
        return without(lines, failed_rows(lines))

    async def _resolved(self, rows: Rows, order: Order, payer: Payer) -> bytes:
        """A record for each row, in order."""
        if rows.regions is None:
            return await self._lines(rows.texts, order, order.region_code, payer)
        answered: dict[int, bytes] = {}
        for region_code in dict.fromkeys(rows.regions):
            of_region = [at for at, region in enumerate(rows.regions) if region == region_code]
            lines = await self._lines([rows.texts[at] for at in of_region], order, region_code, payer)
            answered |= zip(of_region, lines.splitlines(keepends=True), strict=True)
        return b"".join(answered[at] for at in range(len(rows.texts)))

    async def _lines(
        self, texts: Sequence[Text], order: Order, region_code: str | None, payer: Payer
    ) -> bytes:
        request_type = order.request_type
        if region_code == UNKNOWN:
            return await self._computed(without_country, [text or "" for text in texts], request_type)
        if not self.resolver.is_paid(request_type):
            return await self._computed(self.resolver.classifier.rows, texts, request_type, region_code)
        wanted = Wanted(
            request_type,
            region_code,
            not_before_ms=order.not_before_ms,
            payer=payer,
            owner=order.owner,
            shows_checked_at=order.shows_checked_at,
        )
        async with aclosing(self.resolver.lines(one_block(texts), wanted)) as pieces:
            return b"".join([piece async for piece in pieces])

    async def _computed(self, function: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

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


def counted(order: Order, rows: Rows, lines: bytes) -> Counts:
    """What the records of a segment add up to: see `tally`, and `assumed_international`."""
    counts = tally(lines)
    if order.region_code is None and (assumed := count_assumed(rows.texts, lines, rows.regions)):
        counts[ASSUMED] = assumed
    return counts


def failed_rows(lines: bytes) -> list[int]:
    """Which of the records tell of a lookup that failed."""
    return [at for at, line in enumerate(lines.splitlines()) if FAILED.search(line)]


def open_rows(lines: bytes) -> list[int]:
    """Which of the rows have no record."""
    return [at for at, line in enumerate(lines.splitlines()) if not line]


def without(lines: bytes, indices: Sequence[int]) -> bytes:
    """The records, with an empty line in place of some."""
    if not indices:
        return lines
    return replaced(lines, indices, b"\n" * len(indices))


def chosen(rows: Rows, indices: Sequence[int]) -> Rows:
    """Some of the rows."""
    regions = None if rows.regions is None else [rows.regions[at] for at in indices]
    return Rows([rows.texts[at] for at in indices], regions)


def replaced(lines: bytes, indices: Sequence[int], new: bytes) -> bytes:
    """The records with new ones in place of some."""
    records = lines.splitlines(keepends=True)
    for at, record in zip(indices, new.splitlines(keepends=True), strict=True):
        records[at] = record
    return b"".join(records)
