"""Results of screened requests as CSV: the file's own columns first, then `allowed` and `findings`."""

import asyncio
from collections.abc import AsyncIterator

import orjson

from validator_svc.batches.spec import Plan
from validator_svc.batches.stored_results import ResultBlock
from validator_svc.formats import excel_dialect
from validator_svc.formats.clean_csv import parsed_rows, written_rows
from validator_svc.formats.result_columns import joined, names_beside

COLUMNS = ("allowed", "findings")


async def as_csv(
    blocks: AsyncIterator[ResultBlock], plan: Plan, for_excel: bool, with_header: bool
) -> AsyncIterator[bytes]:
    """The rows, each block as soon as it is there."""
    if with_header:
        mark = excel_dialect.BYTE_ORDER_MARK if for_excel else b""
        yield mark + written(
            plan, [[*plan.layout.columns, *names_beside(plan.layout.columns, COLUMNS)]], for_excel
        )
    async for block in blocks:
        yield await asyncio.to_thread(rows_of, plan, block, for_excel)


def rows_of(plan: Plan, block: ResultBlock, for_excel: bool) -> bytes:
    """Rows with what was found of them. Blocks."""
    own = parsed_rows(block.cells or b"", plan.layout.delimiter)
    found = [cells_of(line) for line in block.records.splitlines()]
    width = len(plan.layout.columns)
    rows = [joined(row, result, width) for row, result in zip(own, found, strict=True)]
    return written(plan, rows, for_excel)


def cells_of(line: bytes) -> list[str]:
    """Whether a request is allowed, and what was found of it, in words."""
    found = orjson.loads(line)
    told = "; ".join(each["message"] for each in found["findings"])
    return ["true" if found["allowed"] else "false", told]


def written(plan: Plan, rows: list[list[str]], for_excel: bool) -> bytes:
    """Rows as CSV, with the delimiter and the line end of the file read."""
    if for_excel:
        rows = [excel_dialect.guarded_row(row) for row in rows]
    return plan.layout.line_end.encode().join([*written_rows(rows, plan.layout.delimiter), b""])
