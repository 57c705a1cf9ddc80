"""`/v1/validation/{request_uuid}`: lists that are worked in the background, as the public API has it."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import orjson
from aiohttp import web

from validator_svc import traces
from validator_svc.batches.batch import Batch
from validator_svc.batches.ingest import sha256_of
from validator_svc.batches.spec import Order
from validator_svc.batches.stored_results import slices_of, until_gone
from validator_svc.batches.views import public_status
from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.accepting import Sent, accepted
from validator_svc.http.content_encoding import accepted_coding, encoded, headers_of
from validator_svc.http.found_batch import found_numbers, store_errors
from validator_svc.http.gate import CALLER
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.request_id import request_id
from validator_svc.http.route import QUERY
from validator_svc.http.routes.batches import deleted
from validator_svc.http.sending import JSON, NDJSON, send
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.record.finished import with_second_names
from validator_svc.turns import next_turn

# Records that are made ready in one go, which holds the event loop.
ROWS_AT_ONCE = 50


async def accept_list(
    request: web.Request, texts: Sequence[str], wanted: Wanted, max_age: list[object]
) -> web.Response:
    """`POST /v1/validation` with async true: 201 with the id, once the list is stored.

    `max_age`: what was said of how old a cached answer may be, as it was said.
    """
    order = Order(
        wanted.request_type,
        wanted.region_code,
        not_before_ms=wanted.not_before_ms,
        owner=request[CALLER].owner,
        shows_checked_at=wanted.shows_checked_at,
        request_id=request_id(request),
        trace=traces.here(),
    )
    batching = request.app[context.BATCHING]
    limits = batching.limits(order)
    sent = Sent(
        order,
        max_age,
        lambda: batching.ingest.texts(texts, order, limits),
        lambda: asyncio.to_thread(sha256_of, texts),
    )
    return await accepted(request, sent)


@store_errors
async def poll(request: web.Request) -> web.StreamResponse:
    """`GET /v1/validation/{request_uuid}`: what is answered so far, in request order.

    `offset` and `limit` are rows of the list; with NDJSON the whole result, following the batch.
    """
    batch = await found_numbers(request)
    with request.app[OPEN].reading(request, batch):
        return await polled(request, batch)


async def polled(request: web.Request, batch: Batch) -> web.StreamResponse:
    """The answer to a poll."""
    query = request[QUERY]
    if best_type(request, (JSON, NDJSON)) == NDJSON:
        offset = query.whole_number("offset")
        coding = accepted_coding(request)
        records = encoded(streamed(request, batch, offset), coding)
        return await send(request, NDJSON, records, headers_of(coding))
    offset, limit = query.whole_number("offset"), query.whole_number("limit")
    status = public_status(batch.status)
    head = b'{"status":%s,"count":%d,"pending":%d,"items":[' % (
        orjson.dumps(status),
        batch.plan.rows,
        batch.pending,
    )
    return await send(request, JSON, document(head, page(request, batch, offset, limit)))


@store_errors
async def delete(request: web.Request) -> web.Response:
    """`DELETE /v1/validation/{request_uuid}`: 204; cancels what was not sent, erases everything."""
    return await deleted(request)


async def streamed(request: web.Request, batch: Batch, offset: int) -> AsyncIterator[bytes]:
    """The records as NDJSON, as they become known."""
    results = request.app[context.BATCHING].results
    async for block in until_gone(results.blocks(batch.plan, offset, follow=True)):
        for lines in slices_of(block.records, 0, batch.plan.segment_rows, ROWS_AT_ONCE):
            await next_turn()
            yield with_second_names(lines)


async def page(request: web.Request, batch: Batch, offset: int, limit: int) -> AsyncIterator[bytes]:
    """The answered ones among the rows from `offset` on, at most `limit` rows of the list, some at a time."""
    results = request.app[context.BATCHING].results
    async for lines in results.slices(batch.plan, offset, limit, ROWS_AT_ONCE):
        await next_turn()
        yield with_second_names(lines)


def in_array(lines: bytes) -> bytes:
    """Records of NDJSON with commas between."""
    # In JSON a raw line end never stands inside a string: those here part records.
    return lines[:-1].replace(b"\n", b",")


async def document(head: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Records of NDJSON as the items of one JSON document that begins with `head`."""
    separator = head
    async for part in parts:
        if not part:
            continue
        yield separator + in_array(part)
        separator = b","
    yield (head if separator == head else b"") + b"]}"
