"""`/v1/overview`: what goes on now, for operators: the batches under way, and the upstreams."""

from collections import Counter

from aiohttp import web

from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import UNENDED
from validator_svc.http import context
from validator_svc.http.found_batch import store_errors

# Batches whose state is looked at, the oldest first, so many at once.
MOST, AT_ONCE = 1_000, 100


@store_errors
async def overview(request: web.Request) -> web.Response:
    """`GET /v1/overview`: 200 with batches by status, rows that wait, and each upstream's state here."""
    batches = request.app[context.BATCHING].batches
    total, _ = await batches.page(0, 0)
    ids = await batches.active()
    statuses, pending = Counter[str](), 0
    for start in range(0, min(len(ids), MOST), AT_ONCE):
        for batch in await batches.load_many(ids[start : min(start + AT_ONCE, MOST)]):
            if isinstance(batch, Batch):
                statuses[batch.status] += 1
                pending += batch.pending
    routes = request.app[context.ROUTES]
    all_ = routes.all if routes is not None else ()
    upstreams = [{"name": each.upstream.name, "state": each.breaker.state} for each in all_]
    under_way = {status.value: statuses[status] for status in UNENDED}
    return web.json_response(
        {"batches": {"total": total, **under_way}, "pending": pending, "upstreams": upstreams}
    )
