"""`/v1/batches/{id}/events`: the progress of a batch as server-sent events."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web
from aiohttp_sse import sse_response

from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import UNENDED
from validator_svc.batches.views import shown
from validator_svc.http import context
from validator_svc.http.found_batch import found, store_errors
from validator_svc.http.open_at_once import OPEN
from validator_svc.lookup.store import STORE_ERRORS

LOOK_S = 0.5

Send = Callable[..., Awaitable[None]]


@store_errors
async def events(request: web.Request) -> web.StreamResponse:
    """`GET /v1/batches/{id}/events`: event `progress` with the batch whenever it changed, `end` at its end.

    Each is the whole state, so whoever reconnects has missed nothing.
    """
    batch = await found(request)
    with request.app[OPEN].reading(request, batch):
        async with sse_response(request) as stream:
            if request.method == "HEAD":
                return stream
            with contextlib.suppress(ConnectionError, *STORE_ERRORS):
                await follow(request, batch, stream.send)
        response: web.StreamResponse = stream
        return response


async def follow(request: web.Request, batch: Batch, send: Send) -> None:
    """Send what changes until the batch ends, is deleted, or the service stops."""
    batching = request.app[context.BATCHING]
    sent = b""
    while True:
        state = shown(batch, batching.budget)
        has_ended = batch.status not in UNENDED
        data = orjson.dumps(state)
        if data != sent:
            await send(data.decode(), event="end" if has_ended else "progress")
            sent = data
        if has_ended or batching.workers.is_stopping:
            return
        await asyncio.sleep(LOOK_S)
        now = await batching.batches.load(batch.plan.batch_id)
        if now is None:
            return
        batch = now
