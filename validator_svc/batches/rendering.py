"""The results of a batch as the bytes of a file: NDJSON, or CSV beside the file's own columns."""

import asyncio
import io
from collections.abc import AsyncIterator

from validator_svc.batches.plan import Plan
from validator_svc.batches.reading_results import Part
from validator_svc.batches.results import CsvWriter


async def as_ndjson(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The records."""
    async for part in parts:
        yield part.records


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
        yield await asyncio.to_thread(written, writer, file, part)


def segment_as_csv(plan: Plan, cells: bytes, records: bytes) -> bytes:
    """The rows of a segment, as clean CSV, with their records; without a header."""
    file = io.BytesIO()
    CsvWriter(file, plan.layout, plan.order.request_type).write_clean(cells, records)
    return file.getvalue()


def header_of(plan: Plan) -> bytes:
    """The names of all columns."""
    file = io.BytesIO()
    CsvWriter(file, plan.layout, plan.order.request_type).begin()
    return file.getvalue()


def written(writer: CsvWriter, file: io.BytesIO, part: Part) -> bytes:
    """The rows of a part as CSV."""
    writer.write_clean(part.cells, part.records)
    return taken(file)


def taken(file: io.BytesIO) -> bytes:
    """What was written since the last time."""
    data = file.getvalue()
    file.seek(0)
    file.truncate()
    return data
