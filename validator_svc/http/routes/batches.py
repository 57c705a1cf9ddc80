"""`/v1/batches`: files that are worked in the background."""

import asyncio
import contextlib

from aiohttp import web

from validator_svc.batches.batch import Batch, UnreadableBatchError
from validator_svc.batches.batching import Batching
from validator_svc.batches.ingest import UploadLimits
from validator_svc.batches.spec import Plan, Status
from validator_svc.batches.views import shown
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.http import context
from validator_svc.http.accepting import Sent, accepted, sha256_of
from validator_svc.http.found_batch import found, store_errors, wrong_state
from validator_svc.http.gate import CALLER
from validator_svc.http.paging import asked_page, pagination
from validator_svc.http.route import QUERY
from validator_svc.http.uploads import FileUpload, received


@store_errors
async def create(request: web.Request) -> web.Response:
    """`POST /v1/batches`: 201 once the file is stored."""
    async with received(request) as upload:
        batching = request.app[context.BATCHING]
        limits = batching.limits(upload.order)
        sent = Sent(
            upload.order,
            upload.asked,
            lambda: taken(batching, upload, limits),
            lambda: sha256_of(upload.pieces, limits.max_bytes),
        )
        return await accepted(request, sent)


async def taken(batching: Batching, upload: FileUpload, limits: UploadLimits) -> tuple[Plan, str]:
    """Store a file. Raises UnreadableFileError also for requests to be screened that are not in a table."""
    plan, sha256 = await batching.ingest.file(upload.pieces, upload.hints, upload.order, limits)
    if plan.order.system and plan.layout.format != "csv":
        await batching.ingest.discard(plan.batch_id)
        raise UnreadableFileError(
            "expected CSV or a workbook, whose columns are named as parameters are; "
            f"NDJSON goes to POST /v1/screen/{plan.order.system}"
        )
    return plan, sha256


@store_errors
async def listing(request: web.Request) -> web.Response:
    """`GET /v1/batches`: the caller's, the newest first, `page` (from 1) by `per_page`."""
    page, batching = asked_page(request), request.app[context.BATCHING]
    total, batches = await batching.batches.page(page.offset, page.per_page, request[CALLER].owner)
    items = [shown(batch, batching.budget) for batch in batches]
    return web.json_response({"items": items, "pagination": pagination(page, total)})


@store_errors
async def show(request: web.Request) -> web.Response:
    """`GET /v1/batches/{id}`: state, counts, summary, cost, time left."""
    return shown_now(request, await found(request))


@store_errors
async def delete(request: web.Request) -> web.Response:
    """`DELETE /v1/batches/{id}`: 204; cancels what was not sent, erases everything."""
    return await deleted(request)


@store_errors
async def cancel(request: web.Request) -> web.Response:
    """`POST /v1/batches/{id}/cancel`: 200 with the batch; what is answered stays. 409 when it has ended."""
    batch = await found(request)
    if not await request.app[context.BATCHING].batches.cancel(batch.plan.batch_id):
        batch = await found(request)
        if batch.status is not Status.CANCELED:
            raise wrong_state(batch, "a batch that has not ended")
    return shown_now(request, await found(request))


@store_errors
async def resume(request: web.Request) -> web.Response:
    """`POST /v1/batches/{id}/resume`: 200 with the batch; 409 when it is not paused.

    A batch that its `max_cost` paused goes on with a higher one: `?max_cost=`.
    """
    batch, batching = await found(request), request.app[context.BATCHING]
    max_cost = request[QUERY].money("max_cost")
    if max_cost is not None:
        await batching.batches.allow_cost(batch.plan.batch_id, max_cost)
    if not await batching.batches.resume(batch.plan.batch_id):
        raise wrong_state(batch, "a paused batch")
    return await scheduled(request)


@store_errors
async def retry(request: web.Request) -> web.Response:
    """`POST /v1/batches/{id}/retry`: the rows whose lookup failed, again; the rest of a batch that failed.

    409 when it has not ended, or was canceled.
    """
    batch = await found(request)
    if await request.app[context.BATCHING].batches.retry(batch.plan.batch_id) < 0:
        raise wrong_state(batch, "a batch that ended, with success or failed")
    return await scheduled(request)


async def scheduled(request: web.Request) -> web.Response:
    """Put the batch's segments into the queue, and show it."""
    batch = await found(request)
    await request.app[context.BATCHING].queue.schedule(batch)
    return shown_now(request, batch)


async def deleted(request: web.Request) -> web.Response:
    """Erase the batch, state first: what is under way notices, and the reconciler erases once more, later.

    Also one that nobody can read.
    """
    with contextlib.suppress(UnreadableBatchError):
        await found(request)
    batching, batch_id = request.app[context.BATCHING], request.match_info["batch_id"].lower()
    await batching.batches.forget(batch_id)
    await asyncio.to_thread(batching.segments.erase, batch_id)
    return web.Response(status=204)


def shown_now(request: web.Request, batch: Batch) -> web.Response:
    """200 with the batch."""
    return web.json_response(shown(batch, request.app[context.BATCHING].budget))
