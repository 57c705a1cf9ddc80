"""`POST /v1/estimate`: what a batch would cost, before anything is paid."""

from aiohttp import web

from validator_svc.batches.estimate import Estimate
from validator_svc.batches.tally import usd
from validator_svc.http import context
from validator_svc.http.accepting import stored
from validator_svc.http.batches import store_errors
from validator_svc.http.uploads import received


@store_errors
async def estimate(request: web.Request) -> web.Response:
    """`POST /v1/estimate`: takes what `POST /v1/batches` takes; 200 with counts and cost, nothing is kept."""
    batching = request.app[context.BATCHING]
    async with received(request) as upload:
        limits = batching.limits(request.app[context.RESOLVER].is_paid(upload.order.request_type))
        plan, _ = await stored(
            lambda: batching.intake.file(upload.pieces, upload.hints, upload.order, limits)
        )
        try:
            found = await Estimate(batching.segments, batching.budget).of(plan)
        finally:
            await batching.intake.discard(plan.batch_id)
    price = batching.budget.price_nano(plan.order.request_type)
    return web.json_response(
        {
            "count": found.rows,
            "valid": found.valid,
            "invalid": found.rows - found.valid,
            "duplicates": found.duplicates,
            "cached": found.cached,
            "billable": found.billable,
            "cost": usd(found.billable * price),
        }
    )
