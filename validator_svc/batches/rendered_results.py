"""The results of a batch as the bytes of a file, in any of the output formats."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO

from validator_svc.batches.screened_results import as_csv
from validator_svc.batches.spec import Plan
from validator_svc.batches.stored_results import ResultBlock
from validator_svc.formats.output_formats import CSV, EXCEL_CSV, NDJSON, OutputFormat
from validator_svc.formats.writers import ResultWriter
from validator_svc.record.finished import without_checked_at

BLOCK_BYTES = 256 * 1024


def rendered(
    blocks: AsyncIterator[ResultBlock], plan: Plan, output_format: OutputFormat, with_header: bool = True
) -> AsyncIterator[bytes]:
    """The rows with their records; `blocks` come with their cells where the format has them.

    A format that comes at its end always has its header. Raises UnwritableError, OSError.
    """
    if plan.order.system and output_format is not NDJSON:
        return as_csv(blocks, plan, output_format.writer is EXCEL_CSV.writer, with_header)
    if plan.order.shows_checked_at and output_format is not NDJSON:
        blocks = of_one_shape(blocks)
    if output_format.comes_at_end:
        return in_the_end(blocks, plan, output_format)
    return block_by_block(blocks, plan, output_format, with_header)


async def of_one_shape(blocks: AsyncIterator[ResultBlock]) -> AsyncIterator[ResultBlock]:
    """The blocks with the same fields in every record, as cells are cut from them."""
    async for block in blocks:
        yield block._replace(records=without_checked_at(block.records))


async def block_by_block(
    blocks: AsyncIterator[ResultBlock], plan: Plan, output_format: OutputFormat, with_header: bool
) -> AsyncIterator[bytes]:
    """Each block as soon as it is there."""
    if with_header and (header := header_of(plan, output_format)):
        yield header
    async for block in blocks:
        yield await asyncio.to_thread(rows_of, plan, block, output_format)


async def in_the_end(
    blocks: AsyncIterator[ResultBlock], plan: Plan, output_format: OutputFormat
) -> AsyncIterator[bytes]:
    """All of it once it is written; until then it waits on the disk, as memory may not hold it."""
    file: BinaryIO = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        writer = await asyncio.to_thread(writer_of, file, plan, output_format)
        try:
            await asyncio.to_thread(writer.begin)
            async for block in blocks:
                await asyncio.to_thread(writer.write, block.cells, block.records)
            await asyncio.to_thread(writer.end)
        finally:
            await asyncio.to_thread(writer.close)
        await asyncio.to_thread(file.seek, 0)
        while content := await asyncio.to_thread(file.read, BLOCK_BYTES):
            yield content
    finally:
        await asyncio.to_thread(file.close)


def header_of(plan: Plan, output_format: OutputFormat = CSV) -> bytes:
    """The names of all columns."""
    file = io.BytesIO()
    writer_of(file, plan, output_format).begin()
    return file.getvalue()


def rows_of(plan: Plan, block: ResultBlock, output_format: OutputFormat = CSV) -> bytes:
    """Rows with their records; without a header."""
    file = io.BytesIO()
    writer_of(file, plan, output_format).write(block.cells, block.records)
    return file.getvalue()


def writer_of(file: BinaryIO, plan: Plan, output_format: OutputFormat) -> ResultWriter:
    """The writer of a batch's results."""
    return output_format.writer(file, plan.layout, plan.order.request_type)
