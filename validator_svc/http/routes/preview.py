"""`POST /v1/preview`: how a file is read, and its first rows, before anything is done with it."""

import asyncio

import orjson
from aiohttp import web

from validator_svc.batches.plan_rows import PlanRows
from validator_svc.batches.read_as import read_as
from validator_svc.batches.search import Row, cells_of
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Plan
from validator_svc.formats.clean_csv import rows_of
from validator_svc.http import context
from validator_svc.http.accepting import stored
from validator_svc.http.found_batch import store_errors
from validator_svc.http.routes.rows import table
from validator_svc.http.sending import JSON
from validator_svc.http.uploads import received

SHOWN = 20


@store_errors
async def preview(request: web.Request) -> web.Response:
    """`POST /v1/preview`: takes what `POST /v1/batches` takes; 200 with the first rows, nothing is kept."""
    batching = request.app[context.BATCHING]
    async with received(request) as upload:
        limits = batching.free_limits
        plan, _ = await stored(
            lambda: batching.ingest.file(upload.pieces, upload.hints, upload.order, limits)
        )
        try:
            plan_rows = PlanRows(batching.budget.classifier, batching.segments)
            rows = await asyncio.to_thread(first_rows, plan_rows, batching.segments, plan)
        finally:
            await batching.ingest.discard(plan.batch_id)
    body = {"read_as": read_as(plan.layout, plan.order)} | table(plan, rows)
    return web.Response(body=orjson.dumps(body), content_type=JSON)


def first_rows(plan_rows: PlanRows, segments: Segments, plan: Plan) -> list[Row]:
    """The first rows of a stored list, as the numbering plan alone reads them. Blocks."""
    if not plan.rows:
        return []
    tally = plan_rows.new_tally()
    lines = plan_rows.lines(plan, 0, "format", tally).splitlines()[:SHOWN]
    delimiter = plan.layout.delimiter
    cells = rows_of(segments.cells(plan, 0), delimiter) if plan.has_cells else None
    return [
        Row(at, cells_of(line, None if cells is None else cells[at], delimiter), line)
        for at, line in enumerate(lines)
    ]
