"""`/v1/stream`: numbers in, NDJSON out, while the request is still being sent. Nothing is stored."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from aiohttp import web

from validator_svc.batches.ndjson import PHONE_KEY, text_of
from validator_svc.http import context
from validator_svc.http.body import pieces
from validator_svc.http.csv_rows import blocks_of_cells
from validator_svc.http.errors import ApiError
from validator_svc.http.lines import blocks_of_lines, chunks_of_lines
from validator_svc.http.route import QUERY
from validator_svc.http.sending import NDJSON, send
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.window import Wanted

TEXT_TYPES = frozenset({"text/plain", "application/octet-stream"})
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines"})
CSV_TYPE = "text/csv"

TYPES_EXPECTED = "Content-Type: expected text/plain (a number a line), application/x-ndjson or text/csv"


async def stream(request: web.Request) -> web.StreamResponse:
    """`POST /v1/stream`: 200 with record N for line N of the request.

    The status is sent with the first records, so what is wrong with the head or the beginning of
    the request gets its own status; after that a body that breaks off breaks the answer off.
    """
    lines = answers(request)
    async with contextlib.aclosing(lines):
        return await send(request, NDJSON, lines)


def answers(request: web.Request) -> AsyncGenerator[bytes, None]:
    """The records for the numbers of the body, as these arrive."""
    query = request[QUERY]
    wanted = Wanted(query.request_type(), query.region_code(), not_before_ms=query.not_before_ms())
    resolver = request.app[context.RESOLVER]
    media_type = request.content_type if "Content-Type" in request.headers else "text/plain"
    chunks = chunks_of_lines(pieces(request), request.charset or "utf-8")
    if media_type in TEXT_TYPES:
        return resolver.chunks(chunks, wanted)
    blocks = blocks_of_lines(chunks)
    if media_type in NDJSON_TYPES:
        return resolver.lines(blocks_of_texts(blocks, query.values.get("column", PHONE_KEY)), wanted)
    if media_type == CSV_TYPE:
        cells = blocks_of_cells(blocks, query.values.get("column"), query.region_code())
        return resolver.lines(cells, wanted)
    raise ApiError(415, "unsupported_media_type", TYPES_EXPECTED)


async def blocks_of_texts(blocks: AsyncIterator[list[str]], field: str) -> AsyncIterator[list[Text]]:
    """The numbers in lines of NDJSON; None for a line that cannot be read."""
    async for block in blocks:
        yield [text_of(line, field) for line in block]
