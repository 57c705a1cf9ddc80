"""`/v1/batches`: files that are worked in the background."""

import asyncio
import contextlib
import functools
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from validator_svc.batches.batch import Batch, UnreadableBatchError, is_of_wrong_type
from validator_svc.batches.batching import Batching
from validator_svc.batches.ingest import UploadLimits
from validator_svc.batches.segments import MissingObjectError, StorageError
from validator_svc.batches.spec import Plan, Status
from validator_svc.batches.stored_results import BatchGoneError
from validator_svc.batches.views import shown
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.http import context
from validator_svc.http.accepting import STORAGE_RETRY_S, Sent, accepted, sha256_of
from validator_svc.http.errors import ApiError, unavailable
from validator_svc.http.gate import CALLER
from validator_svc.http.paging import asked_page, pagination
from validator_svc.http.route import QUERY
from validator_svc.http.uploads import FileUpload, received
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Response = TypeVar("Response", bound=web.StreamResponse)


def store_errors(
    handler: Callable[[web.Request], Awaitable[Response]],
) -> Callable[[web.Request], Awaitable[Response]]:
    """A handler that answers 503 while the store, or the object store, does not; 404 for a batch deleted."""

    @functools.wraps(handler)
    async def handle(request: web.Request) -> Response:
        try:
            return await handler(request)
        except STORE_ERRORS as error:
            if is_of_wrong_type(error):
                raise UnreadableBatchError(type(error).__name__) from None
            raise StoreAwayError(error) from None
        except BatchGoneError:
            raise unknown_batch() from None
        except StorageError as error:
            raise unavailable(f"the object store fails: {error}", STORAGE_RETRY_S) from None
        except MissingObjectError as error:
            raise unavailable(f"a stored object of this batch is lost: {error}", STORAGE_RETRY_S) from None

    return handle


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


async def found(request: web.Request) -> Batch:
    """The batch that the path names, if it is the caller's. Raises ApiError 404, UnreadableBatchError."""
    batches, batch_id = request.app[context.BATCHING].batches, request.match_info["batch_id"].lower()
    # What is no id is not looked for: a key of Redis is made of it.
    if ID.fullmatch(batch_id) is None:
        raise unknown_batch()
    try:
        batch = await batches.load(batch_id)
    except UnreadableBatchError:
        # Whose it is stands in its state, too.
        if request[CALLER].owner and not await batches.is_listed(batch_id, request[CALLER].owner):
            raise unknown_batch() from None
        raise
    if batch is None or not request[CALLER].may_see(batch.plan.order.owner):
        raise unknown_batch()
    return batch


def unknown_batch() -> ApiError:
    """404 for an id that no batch has, or has any more."""
    return ApiError(404, "unknown_batch", "there is no batch of this id; it may have expired")


async def found_numbers(request: web.Request) -> Batch:
    """The same, of numbers; raises ApiError 409 for one of screened requests."""
    batch = await found(request)
    if batch.plan.order.system:
        raise ApiError(409, "wrong_kind", "this batch has screened requests; GET /v1/batches/UUID/results")
    return batch


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


def wrong_state(batch: Batch, expected: str) -> ApiError:
    """409 for an action that the batch's state does not allow."""
    return ApiError(409, "wrong_state", f"expected {expected}; this one is {batch.status}")
