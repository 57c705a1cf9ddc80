"""The results of a batch as the bytes of a file: NDJSON, or CSV beside the file's own columns."""

import asyncio
import io
from collections.abc import AsyncIterator

from validator_svc.batches.spec import Plan
from validator_svc.batches.stored_results import Part
from validator_svc.formats.writers import CsvWriter


async def as_ndjson(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    """The records."""
    async for part in parts:
        yield part.records


async def as_csv(
    parts: AsyncIterator[Part], plan: Plan, for_excel: bool = False, with_header: bool = True
) -> AsyncIterator[bytes]:
    """The rows with their records; `parts` come with their cells."""
    if with_header:
        yield header_of(plan, for_excel)
    async for part in parts:
        yield await asyncio.to_thread(rows_as_csv, plan, part.cells, part.records, for_excel)


def header_of(plan: Plan, for_excel: bool = False) -> bytes:
    """The names of all columns."""
    file = io.BytesIO()
    CsvWriter(file, plan.layout, plan.order.request_type, for_excel).begin()
    return file.getvalue()


def rows_as_csv(plan: Plan, cells: bytes | None, records: bytes, for_excel: bool = False) -> bytes:
    """Rows, given as clean CSV (see `clean_csv`), with their records; without a header."""
    file = io.BytesIO()
    CsvWriter(file, plan.layout, plan.order.request_type, for_excel).write_clean(cells, records)
    return file.getvalue()
