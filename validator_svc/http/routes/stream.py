"""`/v1/stream`: numbers in, NDJSON out, while the request is still being sent. Nothing is stored."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from aiohttp import web

from validator_svc.formats.ndjson import PHONE_KEY, text_of
from validator_svc.http import context
from validator_svc.http.body import pieces
from validator_svc.http.csv_rows import blocks_of_cells
from validator_svc.http.errors import ApiError
from validator_svc.http.lines import blocks_of_lines, chunks_of_lines
from validator_svc.http.media_types import (
    CSV_TYPES,
    NDJSON_TYPES,
    SAYS_NOTHING,
    TEXT_TYPE,
    TSV_TYPES,
    WORKBOOK_TYPES,
    is_json,
    media_type_of,
    unsupported,
)
from validator_svc.http.route import QUERY
from validator_svc.http.sending import CSV, NDJSON, send
from validator_svc.http.sniffing import Kind, kind_of
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import Text

EXPECTED = ("text/plain (a number a line)", NDJSON, CSV)
FILE_ELSEWHERE = "body: this is a file, not lines of text; send it to POST /v1/batches"
ARRAY_ELSEWHERE = "body: this is a JSON array; send its elements a line each, or all to POST /v1/batches"


async def stream(request: web.Request) -> web.StreamResponse:
    """`POST /v1/stream`: 200 with record N for line N of the request.

    The status is sent with the first records, so what is wrong with the head or the beginning of
    the request gets its own status; after that a body that breaks off breaks the answer off.
    """
    lines = await answers(request)
    async with contextlib.aclosing(lines):
        return await send(request, NDJSON, lines)


async def answers(request: web.Request) -> AsyncGenerator[bytes, None]:
    """The records for the numbers of the body, as these arrive."""
    query = request[QUERY]
    wanted = Wanted(query.request_type(), query.region_code(), not_before_ms=query.not_before_ms())
    resolver = request.app[context.RESOLVER]
    chunks = chunks_of_lines(pieces(request), request.charset or "utf-8")
    kind = kind_said(media_type_of(request))
    if kind is None:
        first = await anext(chunks, "")
        kind = kind_seen(first, media_type_of(request))
        chunks = joined(first, chunks)
    if kind == "text":
        return resolver.chunks(chunks, wanted)
    blocks = blocks_of_lines(chunks)
    if kind == "ndjson":
        return resolver.lines(blocks_of_texts(blocks, query.values.get("column", PHONE_KEY)), wanted)
    cells = blocks_of_cells(blocks, query.values.get("column"), query.region_code())
    return resolver.lines(cells, wanted)


def kind_said(media_type: str) -> Kind | None:
    """What a media type says; None when it says nothing certain. Raises ApiError 415."""
    if media_type == TEXT_TYPE:
        return "text"
    if media_type in NDJSON_TYPES:
        return "ndjson"
    if media_type in CSV_TYPES or media_type in TSV_TYPES:
        return "csv"
    if media_type in SAYS_NOTHING or media_type in WORKBOOK_TYPES or is_json(media_type):
        return None
    raise unsupported(media_type, *EXPECTED)


def kind_seen(first: str, media_type: str) -> Kind:
    """What the beginning shows. Raises ApiError 415 where that is nothing that can be streamed."""
    kind = kind_of(first)
    if kind == "file":
        raise ApiError(415, "unsupported_media_type", FILE_ELSEWHERE)
    if kind == "array":
        raise ApiError(415, "unsupported_media_type", ARRAY_ELSEWHERE)
    if kind == "form" or (is_json(media_type) and kind != "ndjson"):
        raise unsupported(media_type, *EXPECTED)
    return kind


async def joined(first: str, chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    """The chunks with the first one back in its place."""
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


async def blocks_of_texts(blocks: AsyncIterator[list[str]], field: str) -> AsyncIterator[list[Text]]:
    """The numbers in lines of NDJSON; None for a line that cannot be read."""
    async for block in blocks:
        yield [text_of(line, field) for line in block]
