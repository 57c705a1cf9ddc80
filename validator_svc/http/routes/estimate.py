"""`POST /v1/estimate`: what a batch would cost, before anything is paid."""

import asyncio

from aiohttp import web

from validator_svc.batches.estimate import Estimate, stored_rows
from validator_svc.batches.plan_rows import PlanRows
from validator_svc.batches.read_as import read_as
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Plan
from validator_svc.formats.assumed import ASSUMED
from validator_svc.formats.country_column import country_column
from validator_svc.http import context
from validator_svc.http.accepting import stored
from validator_svc.http.found_batch import store_errors
from validator_svc.http.uploads import received
from validator_svc.lookup.money import usd


@store_errors
async def estimate(request: web.Request) -> web.Response:
    """`POST /v1/estimate`: takes what `POST /v1/batches` takes; 200 with counts and cost, nothing is kept."""
    batching = request.app[context.BATCHING]
    async with received(request) as upload:
        limits = batching.limits(upload.order)
        plan, _ = await stored(
            lambda: batching.ingest.file(upload.pieces, upload.hints, upload.order, limits)
        )
        plan_rows = PlanRows(batching.budget.classifier, batching.segments)
        try:
            found = await Estimate(batching.budget).of(plan.order, stored_rows(plan_rows, plan))
            column = await asyncio.to_thread(unnamed_country_column, batching.segments, plan)
        finally:
            await batching.ingest.discard(plan.batch_id)
    price = batching.budget.price_nano(plan.order.request_type)
    estimate = {
        "count": found.rows,
        "valid": found.valid,
        "invalid": found.rows - found.valid,
        "duplicates": found.duplicates,
        "cached": found.cached,
        "billable": found.billable,
        "cost": usd(found.billable * price),
        ASSUMED: found.assumed_international,
        "read_as": read_as(plan.layout, plan.order),
        "summary": {"reason": found.reasons},
    }
    return web.json_response(estimate | ({"country_column": column} if column else {}))


def unnamed_country_column(segments: Segments, plan: Plan) -> str | None:
    """The column of a stored list that looks like its rows' countries, where no country was given."""
    if plan.order.region_code or plan.order.region_column or not plan.has_cells or not plan.rows:
        return None
    return country_column(plan.layout, segments.cells(plan, 0))
