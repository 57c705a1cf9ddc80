"""Taking a list in: an upload is read as it comes, and cut into segments on the object store."""

import asyncio
import contextlib
import hashlib
import json
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, cast

from validator_svc.batches.segments import Segments, StorageError
from validator_svc.batches.spec import Order, Plan
from validator_svc.batches.state import Batches
from validator_svc.batches.upload import Bounded, SegmentBounded, Upload
from validator_svc.formats.compression import unpacked
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.csv_segmenter import csv_segments
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.input_formats import JSON
from validator_svc.formats.layout import Hints, Layout
from validator_svc.formats.readable_file import buffered
from validator_svc.formats.rows import NumberFile, RowBlock
from validator_svc.formats.segmenter import Segment, region_column, segments_of
from validator_svc.formats.width import MOST_COLUMNS, rows_held
from validator_svc.moments import now_ms

TEXT = Layout("text", "utf-8", container=JSON.name)
# Where rows are long a segment has fewer of them, so as to have about so many bytes.
SEGMENT_BYTES = 4 * 1024 * 1024
LEAST_ROWS = 20


class UploadLimits(NamedTuple):
    """What an upload may be."""

    max_bytes: int
    """Of the file, decompressed."""
    max_rows: int
    segment_rows: int
    """At most; see SEGMENT_BYTES."""
    max_columns: int = MOST_COLUMNS


class TooManyRowsError(Exception):
    """More rows came than may; the message says how many may."""


class Taken(NamedTuple):
    """A file that is stored."""

    layout: Layout
    has_cells: bool
    rows: int
    segment_rows: int
    sha256: str
    """Of the upload, in hex."""


Keep = Callable[[int, Segment], None]
"""Takes each segment, with its index."""


class Ingest:
    """Takes lists in; what it wrote of one that fails or is broken off is erased again."""

    def __init__(self, batches: Batches, segments: Segments) -> None:
        self.batches = batches
        self.segments = segments

    async def file(
        self, pieces: AsyncIterator[bytes], hints: Hints, order: Order, limits: UploadLimits
    ) -> tuple[Plan, str]:
        """Store a file that is still being sent; returns its plan, not accepted yet, and its SHA-256.

        Raises UnreadableFileError, UploadTooLargeError, TooManyRowsError, StorageError,
        redis.exceptions.RedisError, and what `pieces` raises.
        """
        upload = Upload(pieces)

        def read(keep: Keep) -> Taken:
            return take_in(upload, hints, order, limits, keep)

        return await self._taken(read, order, limits, upload.abort)

    async def texts(self, texts: Sequence[str], order: Order, limits: UploadLimits) -> tuple[Plan, str]:
        """Store a list that is there as a whole; as `file`."""

        def read(keep: Keep) -> Taken:
            block = RowBlock([*texts], None)
            for index, segment in enumerate(segments_of([block], limits.segment_rows, TEXT.delimiter)):
                keep(index, segment)
            return Taken(TEXT, False, len(texts), limits.segment_rows, sha256_of(texts))

        return await self._taken(read, order, limits, lambda: None)

    async def discard(self, batch_id: str) -> None:
        """Erase what was stored under an id that is not accepted, now or once the object store lets it.

        Raises redis.exceptions.RedisError.
        """
        try:
            await asyncio.to_thread(self.segments.erase, batch_id)
        except StorageError:
            await self.batches.upload_is_over(batch_id)
        else:
            await self.batches.objects_erased(batch_id)

    async def _taken(
        self, read: Callable[[Keep], Taken], order: Order, limits: UploadLimits, abort: Callable[[], None]
    ) -> tuple[Plan, str]:
        batch_id = str(uuid.uuid4())
        loop = asyncio.get_running_loop()
        await self.batches.upload_goes_on(batch_id)

        def keep(index: int, segment: Segment) -> None:
            self.segments.put_rows(batch_id, index, segment)
            asyncio.run_coroutine_threadsafe(self.batches.upload_goes_on(batch_id), loop).result()

        reading = in_thread(lambda: read(keep))
        try:
            taken = await asyncio.shield(reading)
        except BaseException:
            abort()
            # Only when the thread has ended nothing more is written.
            with contextlib.suppress(BaseException):
                await reading
            await asyncio.shield(self.discard(batch_id))
            raise
        plan = Plan(batch_id, order, taken.layout, taken.has_cells, taken.rows, taken.segment_rows, now_ms())
        return plan, taken.sha256


def sha256_of(texts: Sequence[str]) -> str:
    """The SHA-256 of a list that is there as a whole, in hex. Blocks."""
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def in_thread(work: Callable[[], Taken]) -> "asyncio.Future[Taken]":
    """Run in a thread of its own: one that waits for a slow sender must not take a place in a pool."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Taken] = loop.create_future()

    def settle(taken: Taken | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        elif taken is not None:
            outcome.set_result(taken)

    def run() -> None:
        try:
            taken = work()
        except BaseException as error:
            loop.call_soon_threadsafe(settle, None, error)
        else:
            loop.call_soon_threadsafe(settle, taken, None)

    threading.Thread(target=run, name="ingest", daemon=True).start()
    return outcome


def take_in(upload: Upload, hints: Hints, order: Order, limits: UploadLimits, keep: Keep) -> Taken:
    """Read a file of any kind to its end. Blocks."""
    rows, has_cells = 0, False
    bounded = SegmentBounded()
    plain = buffered(Bounded(unpacked(buffered(upload)), limits.max_bytes))
    hints = hints._replace(most_columns=limits.max_columns)
    numbers = open_numbers(cast(BinaryIO, plain), hints, bounded.through, upload.check)
    region_column(numbers.layout, order.region_column)
    most_rows = min(rows_within(SEGMENT_BYTES, numbers.sample), rows_held(len(numbers.layout.columns)))
    segment_rows = min(limits.segment_rows, most_rows)
    for index, segment in enumerate(segments_in(numbers, segment_rows)):
        bounded.begin_segment()
        rows += segment.rows
        if rows > limits.max_rows:
            raise TooManyRowsError(f"expected at most {limits.max_rows} rows")
        has_cells = segment.cells is not None
        keep(index, segment)
    if not rows:
        raise UnreadableFileError("the file has no rows")
    upload.read_to_end()
    return Taken(numbers.layout, has_cells, rows, segment_rows, upload.sha256.hexdigest())


def rows_within(size: int, sample: bytes) -> int:
    """How many rows fit into so many bytes when they are as long as those of the sample; a few at least."""
    rows = max(sample.count(b"\n"), sample.count(b"\r"))
    return max(LEAST_ROWS, size * rows // max(1, len(sample)))


def segments_in(numbers: NumberFile, segment_rows: int) -> Iterator[Segment]:
    """The rows of a file, cut."""
    layout = numbers.layout
    if layout.format == "csv":
        return csv_segments(numbers.blocks(), layout, segment_rows)
    return segments_of(numbers.row_blocks(), segment_rows, layout.delimiter)
