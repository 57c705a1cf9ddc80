"""The results of a batch as the bytes of a file: NDJSON, or CSV beside the file's own columns."""

import asyncio
import io
from collections.abc import AsyncIterator

from validator_svc.batches.plan import Plan
from validator_svc.batches.reading_results import Part
from validator_svc.batches.results import CsvWriter
from validator_svc.batches.rows import Chunk
from validator_svc.batches.segments import SLICE


async def as_ndjson(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The records."""
    async for part in parts:
        yield b"".join(part.lines)


async def as_csv(
    parts: AsyncIterator[Part], plan: Plan, for_excel: bool = False, with_header: bool = True
) -> AsyncIterator[bytes]:
    """The rows with their records; `parts` come with their cells."""
    file = io.BytesIO()
    writer = CsvWriter(file, plan.layout, plan.order.request_type, for_excel)
    if with_header:
        writer.begin()
        yield taken(file)
    async for part in parts:
        # Writing CSV holds the processor for a tenth of a second a segment.
        yield await asyncio.to_thread(written, writer, file, part)


def written(writer: CsvWriter, file: io.BytesIO, part: Part) -> bytes:
    """The rows of a part as CSV, some at a time: meanwhile no other thread runs."""
    for start in range(0, len(part.lines), SLICE):
        end = start + SLICE
        cells = None if part.cells is None else part.cells[start:end]
        writer.write(Chunk([], (), cells), b"".join(part.lines[start:end]))
    return taken(file)


def taken(file: io.BytesIO) -> bytes:
    """What was written since the last time."""
    data = file.getvalue()
    file.seek(0)
    file.truncate()
    return data
