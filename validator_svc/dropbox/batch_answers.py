"""The answer to a file: its results, and the report on them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from validator_svc.batches.batch import Batch
from validator_svc.batches.budget import Budget
from validator_svc.batches.rendered_results import rendered
from validator_svc.batches.stored_results import ResultBlock
from validator_svc.batches.views import shown
from validator_svc.dropbox.folder import Folder
from validator_svc.dropbox.names import PAGE, REPORT, RESULTS, printable, short_name
from validator_svc.dropbox.options import Wanted
from validator_svc.dropbox.outbox import Outgoing
from validator_svc.dropbox.records import FileRecord
from validator_svc.dropbox.shared import Shared
from validator_svc.formats.output_formats import OUTPUT_FORMATS
from validator_svc.lookup.money import nano, usd
from validator_svc.record.finished import kept_before
from validator_svc.report.findings import Findings
from validator_svc.report.page import Fact, page


async def write_answer(
    outgoing: Outgoing, shared: Shared, name: str, wanted: Wanted, record: FileRecord, batch: Batch
) -> None:
    """Write the results of a batch that has ended well, then the reports on them; repeatable.

    Raises OSError, StorageError, MissingObjectError, BatchGoneError, UnwritableError,
    redis.exceptions.RedisError.
    """
    outbox, stem = shared.folder.outbox, short_name(name)
    output_format = wanted.format_for(batch.plan.layout)
    blocks = shared.batching.results.blocks(batch.plan, with_cells=output_format.has_cells)
    if record.is_reuse:
        blocks = for_nothing(blocks)
    found = Findings()
    pieces = rendered(noted(blocks, found), batch.plan, output_format)
    await outgoing.write(outbox / (stem + ending_of(wanted, batch)), pieces)
    facts = facts_of(batch, record, outbox / (stem + ending_of(wanted, batch)))
    await outgoing.write(outbox / (stem + PAGE), one(page(printable(name), facts, found)))
    report = report_of(name, record, batch, shared.batching.budget)
    await outgoing.write(outbox / (stem + REPORT), one(report))


def ending_of(wanted: Wanted, batch: Batch) -> str:
    """What the name of the results ends in."""
    return RESULTS + wanted.format_for(batch.plan.layout).endings[0]


def remove_other_results(folder: Folder, name: str, wanted: Wanted, batch: Batch) -> None:
    """Remove results in another format, from a file of this name that came before. Blocks. Raises OSError."""
    for other in {RESULTS + each.endings[0] for each in OUTPUT_FORMATS} - {ending_of(wanted, batch)}:
        (folder.outbox / (short_name(name) + other)).unlink(missing_ok=True)


async def noted(blocks: AsyncIterator[ResultBlock], found: Findings) -> AsyncIterator[ResultBlock]:
    """The same blocks, noting what they come to."""
    async for block in blocks:
        await asyncio.to_thread(found.add, block.records)
        yield block


def facts_of(batch: Batch, record: FileRecord, results: Path) -> list[Fact]:
    """What the page says at its top."""
    cost = usd(0 if record.is_reuse else batch.counts.get("cost_nano", 0))
    facts = [("Asked for", batch.plan.order.request_type), ("Cost", f"{cost} USD")]
    if record.is_reuse:
        facts.append(("Answered from", f"batch {record.batch_id}, which had the same rows"))
    return [*facts, ("All results", printable(results.name))]


async def for_nothing(blocks: AsyncIterator[ResultBlock]) -> AsyncIterator[ResultBlock]:
    """The same records as answers that cost nothing now: those once paid for come from before."""
    async for block in blocks:
        yield ResultBlock(kept_before(block.records), block.cells)


def report_of(name: str, record: FileRecord, batch: Batch, budget: Budget) -> bytes:
    """The report as JSON; the same whenever it is made."""
    report = shown(batch, budget) | {
        "name": printable(name),
        "input_sha256": record.sha256,
        "duration_s": max(0, (batch.finished_ms or 0) - record.begun_ms) / 1_000,
        "reused_from": record.batch_id if record.is_reuse else None,
    }
    if record.is_reuse:
        worth = batch.counts.get("cost_nano", 0) + nano(str(report["saved"]))
        report |= {"paid": 0, "cost": usd(0), "saved": usd(worth)}
    return orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


async def one(data: bytes) -> AsyncIterator[bytes]:
    """A file of one piece."""
    yield data
