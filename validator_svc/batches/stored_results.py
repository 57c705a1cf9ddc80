"""Reading the results of a batch: segment by segment, in order, following it while it runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple, TypeVar

from validator_svc.batches.batch import Done
from validator_svc.batches.segments import MissingObjectError, Segments
from validator_svc.batches.spec import UNENDED, Plan
from validator_svc.batches.state import Batches
from validator_svc.formats.clean_csv import joined_rows, rows_of
from validator_svc.record.finished import FAILED, RISKY, VALID
from validator_svc.screening.screened import ALLOWED

Result = TypeVar("Result")

Only = Literal["valid", "invalid", "unknown", "risky"]
ONLY: tuple[Only, ...] = ("valid", "invalid", "unknown", "risky")

# Segments that are asked about at once, and how often a reader looks whether the next one is done.
LOOK_AHEAD = 64
LOOK_S = 0.2

KEEP: dict[Only, Callable[[bytes], bool]] = {
    "valid": lambda line: VALID in line and not FAILED.search(line),
    "invalid": lambda line: VALID not in line,
    "unknown": lambda line: FAILED.search(line) is not None,
    "risky": lambda line: RISKY in line,
}

# Of screened requests: what is asked for is said of the request, or of any of its numbers.
KEEP_SCREENED: dict[Only, Callable[[bytes], bool]] = KEEP | {
    "valid": lambda line: line.startswith(ALLOWED) and not FAILED.search(line),
    "invalid": lambda line: not line.startswith(ALLOWED) and not FAILED.search(line),
}


class BatchGoneError(Exception):
    """The batch was deleted while its results were read."""


async def until_gone(blocks: AsyncIterator[Result]) -> AsyncIterator[Result]:
    """The same; when the batch is deleted meanwhile they end."""
    with contextlib.suppress(BatchGoneError):
        async for block in blocks:
            yield block


class ResultBlock(NamedTuple):
    """Records in a row."""

    records: bytes
    """NDJSON, a line each."""
    cells: bytes | None
    """The rows' own cells as clean CSV (see `clean_csv`); None where there are none, or not asked for."""


class Results:
    """Reads results; holds one segment at a time."""

    def __init__(self, batches: Batches, segments: Segments) -> None:
        self.batches = batches
        self.segments = segments

    async def blocks(
        self,
        plan: Plan,
        offset: int = 0,
        only: Only | None = None,
        with_cells: bool = False,
        follow: bool = False,
    ) -> AsyncIterator[ResultBlock]:
        """The records from the `offset`-th on, of those that `only` keeps.

        Segments that are not done are waited for with `follow`, left out without. Raises
        BatchGoneError, StorageError, redis.exceptions.RedisError.
        """
        first = 0 if only else offset // plan.segment_rows
        skip = offset if only else offset % plan.segment_rows
        async for index, done in self._done(plan, first, follow):
            async with self.unless_gone(plan):
                block = await asyncio.to_thread(self._block, plan, index, done, only, with_cells)
            if skip:
                block, skip = await asyncio.to_thread(without_first, block, skip, plan.layout.delimiter)
            if block.records:
                yield block

    async def slices(self, plan: Plan, offset: int, limit: int, size: int) -> AsyncIterator[bytes]:
        """The records that are there of `limit` rows from `offset` on, at most `size` of them at a time.

        Each takes a time that its own length bounds. Raises BatchGoneError, StorageError,
        redis.exceptions.RedisError.
        """
        end = min(offset + limit, plan.rows)
        indices = (
            range(offset // plan.segment_rows, -(-end // plan.segment_rows)) if offset < end else range(0)
        )
        for index, done in zip(indices, await self.batches.done(plan.batch_id, indices), strict=True):
            if done is not None:
                async with self.unless_gone(plan):
                    lines = await asyncio.to_thread(self.segments.told, plan, index, done.generation)
                start = index * plan.segment_rows
                for each in slices_of(lines, max(0, offset - start), end - start, size):
                    yield each

    @asynccontextmanager
    async def unless_gone(self, plan: Plan) -> AsyncIterator[None]:
        """Raise BatchGoneError for an object that is missing since its batch was deleted."""
        try:
            yield
        except MissingObjectError:
            if await self.batches.load(plan.batch_id) is None:
                raise BatchGoneError(plan.batch_id) from None
            raise

    async def _done(self, plan: Plan, first: int, follow: bool) -> AsyncIterator[tuple[int, Done]]:
        batch_id = plan.batch_id
        for start in range(first, plan.segments, LOOK_AHEAD):
            indices = range(start, min(start + LOOK_AHEAD, plan.segments))
            for index, done in zip(indices, await self.batches.done(batch_id, indices), strict=True):
                if done is None and follow:
                    done = await self._awaited(batch_id, index)
                if done is not None:
                    yield index, done

    async def _awaited(self, batch_id: str, index: int) -> Done | None:
        """The segment once it is done; None when the batch ends without it."""
        while True:
            batch = await self.batches.load(batch_id)
            if batch is None:
                raise BatchGoneError(batch_id)
            (done,) = await self.batches.done(batch_id, [index])
            if done is not None or batch.status not in UNENDED:
                return done
            await asyncio.sleep(LOOK_S)

    def _block(self, plan: Plan, index: int, done: Done, only: Only | None, with_cells: bool) -> ResultBlock:
        records = self.segments.told(plan, index, done.generation)
        cells = self.segments.cells(plan, index) if with_cells and plan.has_cells else None
        block = ResultBlock(records, cells)
        if only is None:
            return block
        keep = (KEEP_SCREENED if plan.order.system else KEEP)[only]
        lines = records.splitlines()
        return chosen(block, [at for at, line in enumerate(lines) if keep(line)], plan.layout.delimiter)


def slices_of(lines: bytes, first: int, end: int, size: int) -> Iterator[bytes]:
    """The lines from one on, up to another, at most `size` at a time; what is left out comes as nothing."""
    place = at = 0
    while at < end and place < len(lines):
        count = min(size, (first if at < first else end) - at)
        start = place
        for _ in range(count):
            place = lines.find(b"\n", place) + 1 or len(lines)
        yield lines[start:place] if at >= first else b""
        at += count


def without_first(block: ResultBlock, skip: int, delimiter: str) -> tuple[ResultBlock, int]:
    """A block without its first records, and how many more are to be left out after it."""
    rows = block.records.count(b"\n")
    return chosen(block, range(min(skip, rows), rows), delimiter), max(0, skip - rows)


def chosen(block: ResultBlock, indices: Sequence[int], delimiter: str) -> ResultBlock:
    """Some of the records of a block, with their rows."""
    lines = block.records.splitlines(keepends=True)
    cells = None
    if block.cells is not None:
        rows = rows_of(block.cells, delimiter)
        cells = joined_rows([rows[at] for at in indices])
    return ResultBlock(b"".join([lines[at] for at in indices]), cells)
