"""`/v1/batches/{id}/results`: records as NDJSON, or as CSV beside the file's own columns."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Literal, NamedTuple

from aiohttp import web

from validator_svc.batches.reading_results import ONLY, Only, Part
from validator_svc.batches.results import CsvWriter
from validator_svc.batches.rows import Chunk
from validator_svc.batches.segments import SLICE
from validator_svc.batches.state import Batch
from validator_svc.http import context
from validator_svc.http.batches import found, store_errors
from validator_svc.http.errors import bad_parameter
from validator_svc.http.parameters import Query
from validator_svc.http.sending import NDJSON, send

CSV = "text/csv"


class Asked(NamedTuple):
    """How results are to come."""

    format: Literal["ndjson", "csv"]
    for_excel: bool
    only: Only | None
    offset: int


@store_errors
async def results(request: web.Request) -> web.StreamResponse:
    """`GET /v1/batches/{id}/results`: in input order, following the batch until it ends."""
    batch, asked = await found(request), asked_by(request)
    if asked.format == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{batch.plan.batch_id}.csv"'}
        return await send(request, f"{CSV}; charset=utf-8", csv_of(request, batch, asked), headers)
    return await send(request, NDJSON, ndjson_of(request, batch, asked))


def asked_by(request: web.Request) -> Asked:
    """Check the query. Raises ApiError 400."""
    query = Query(request)
    by_accept = "csv" if CSV in request.headers.get("Accept", "") else "ndjson"
    dialect = query.values.get("dialect", "default")
    if dialect not in ("default", "excel"):
        raise bad_parameter("dialect", "expected default or excel")
    wanted = query.values.get("format", "csv" if dialect == "excel" else by_accept)
    if wanted not in ("ndjson", "csv"):
        raise bad_parameter("format", "expected ndjson or csv")
    given = query.values.get("only")
    only = next((each for each in ONLY if each == given), None)
    if given is not None and only is None:
        raise bad_parameter("only", "expected one of " + ", ".join(ONLY))
    return Asked(
        "csv" if wanted == "csv" else "ndjson",
        dialect == "excel",
        only,
        query.whole_number("offset", 0),
    )


async def ndjson_of(request: web.Request, batch: Batch, asked: Asked) -> AsyncIterator[bytes]:
    """The records."""
    reader = request.app[context.BATCHING].results
    async for part in reader.parts(batch.plan, asked.offset, asked.only, follow=True):
        yield b"".join(part.lines)


async def csv_of(request: web.Request, batch: Batch, asked: Asked) -> AsyncIterator[bytes]:
    """The rows with their records; the header only before the first row, so that parts fit together."""
    reader = request.app[context.BATCHING].results
    file = io.BytesIO()
    writer = CsvWriter(file, batch.plan.layout, batch.plan.order.request_type, asked.for_excel)
    if not asked.offset:
        writer.begin()
        yield taken(file)
    async for part in reader.parts(batch.plan, asked.offset, asked.only, with_cells=True, follow=True):
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
