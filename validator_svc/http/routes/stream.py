"""`/v1/stream`: numbers in, NDJSON out, while the request is still being sent. Nothing is stored."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from aiohttp import web

from validator_svc.formats.compression import ZSTD
from validator_svc.formats.input_formats import format_of_media_type
from validator_svc.formats.layout import Hints
from validator_svc.formats.ndjson import PHONE_KEY
from validator_svc.http import context, figures
from validator_svc.http.answered_body import CsvBody, Read, answered, in_utf_8
from validator_svc.http.body import joined, pieces
from validator_svc.http.csv_rows import blocks_of_cells
from validator_svc.http.day_account import DayAccount
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.lines import MAX_LINE, blocks_of_lines, chunks_of_lines
from validator_svc.http.media_types import (
    CSV_TYPES,
    NDJSON_TYPES,
    OPEN_TYPES,
    TEXT_TYPE,
    TSV_TYPES,
    charset_said,
    is_json,
    media_type_of,
    unsupported,
)
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.route import QUERY
from validator_svc.http.sending import CSV, NDJSON, send
from validator_svc.http.sniffing import Kind as BodyKind
from validator_svc.http.sniffing import is_array, kind_of
from validator_svc.http.streamed_file import STARTS, first_bytes, text_of_file
from validator_svc.http.used import Used
from validator_svc.kernel.interface import Kernel, Kind, Tally
from validator_svc.kernel.ndjson_line import text_of
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import Text

EXPECTED = ("text/plain (a number a line)", NDJSON, CSV)


async def stream(request: web.Request) -> web.StreamResponse:
    """`POST /v1/stream`: 200 with record N for line N of the request.

    The status is sent with the first records, so what is wrong with the head or the beginning of
    the request gets its own status; after that a body that breaks off breaks the answer off.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(request.app[OPEN].counted(request, "streams"))
        lines = await answers(request, stack)
        try:
            async with contextlib.aclosing(lines):
                return await send(request, NDJSON, lines)
        finally:
            figures.note_stream(request.content.total_bytes, request.writer.output_size)


async def answers(request: web.Request, stack: contextlib.AsyncExitStack) -> AsyncGenerator[bytes, None]:
    """The records for the numbers of the body, as these arrive; `stack` holds what reads it."""
    query = request[QUERY]
    wanted = Wanted(
        query.request_type(),
        query.region_code(),
        not_before_ms=query.not_before_ms(),
        owner=request[CALLER].owner,
        shows_checked_at=query.shows_checked_at(),
    )
    check_type(request[CALLER], wanted.request_type)
    account, resolver = DayAccount(request, wanted.request_type), request.app[context.RESOLVER]
    used = Used(request.app, request[CALLER], wanted.request_type, "stream")
    column = query.values.get("column")
    blocks, kind = await rows_of_body(request, stack)
    if resolver.is_paid(wanted.request_type):
        texts = account.blocks(texts_of(blocks, kind, column, wanted.region_code))
        return used.counted(account.settled(resolver.lines(texts, wanted)), counts_duplicates=False)
    tally = resolver.classifier.kernel.new_tally(counts_duplicates=False)
    read = reader(resolver.classifier.kernel, kind, column, wanted, tally)
    return used.tallied(account.answered(answered(blocks, read, kind)), tally)


async def rows_of_body(
    request: web.Request, stack: contextlib.AsyncExitStack
) -> tuple[AsyncIterator[bytes], BodyKind]:
    """The body as text in UTF-8, and what that is. A file is read as a batch's is."""
    media_type = media_type_of(request)
    charset = charset_said(request.headers.get("Content-Type", ""))
    said = kind_said(media_type)
    values = request[QUERY].values
    hints = Hints("upload", values.get("column"), charset=charset or None, sheet=values.get("sheet"))
    body = request.content.iter_any() if is_in_zstd(request) else pieces(request)
    start = await first_bytes(body)
    body = joined(start, body)
    if start.startswith(STARTS) or hints.sheet is not None:
        text = await stack.enter_async_context(text_of_file(request, body, hints))
        blocks, said = in_utf_8(text.blocks, text.encoding), text.format or said
    else:
        blocks = in_utf_8(body, charset or "utf-8")
    if said is not None:
        return blocks, said
    first = await first_lines(blocks)
    blocks = joined(first, blocks)
    beginning = first.decode("utf-8", "replace")
    if not is_array(beginning):
        return blocks, kind_seen(beginning, media_type)
    array = await stack.enter_async_context(text_of_file(request, blocks, hints._replace(charset=None)))
    if array.format is None:
        raise unsupported(media_type, *EXPECTED)
    return array.blocks, array.format


def reader(kernel: Kernel, kind: BodyKind, column: str | None, wanted: Wanted, tally: Tally) -> Read:
    """What answers the rows of a body, and counts them."""
    of_records = Kind(wanted.request_type, wanted.region_code, wanted.both_names)
    if kind == "csv":
        return CsvBody(kernel, of_records, column, tally).read
    if kind == "text":
        return lambda block, is_last: kernel.lines(block, of_records, tally, is_last)
    key = column or PHONE_KEY
    return lambda block, is_last: kernel.ndjson(block, of_records, key, tally, is_last)


def texts_of(
    blocks: AsyncIterator[bytes], kind: BodyKind, column: str | None, region_code: str | None
) -> AsyncIterator[Sequence[Text]]:
    """The numbers of a body's rows, None for a line that cannot be read."""
    lines = blocks_of_lines(chunks_of_lines(blocks, "utf-8"))
    if kind == "text":
        return lines
    if kind == "ndjson":
        return blocks_of_texts(lines, column or PHONE_KEY)
    return blocks_of_cells(lines, column, region_code)


def kind_said(media_type: str) -> BodyKind | None:
    """What a media type says; None when it says nothing certain. Raises ApiError 415."""
    if media_type == TEXT_TYPE:
        return "text"
    if media_type in NDJSON_TYPES:
        return "ndjson"
    if media_type in CSV_TYPES or media_type in TSV_TYPES:
        return "csv"
    known = format_of_media_type(media_type)
    if media_type in OPEN_TYPES or is_json(media_type) or (known is not None and not known.is_told):
        return None
    raise unsupported(media_type, *EXPECTED)


def kind_seen(first: str, media_type: str) -> BodyKind:
    """What the beginning shows. Raises ApiError 415 where that is nothing that can be streamed."""
    kind = kind_of(first)
    if kind == "form" or (is_json(media_type) and kind != "ndjson"):
        raise unsupported(media_type, *EXPECTED)
    return kind


def is_in_zstd(request: web.Request) -> bool:
    """Whether the body is said to be in zstd: it comes as a file of that kind then."""
    return request.headers.get("Content-Encoding", "").strip().lower() == ZSTD.name


async def first_lines(blocks: AsyncIterator[bytes]) -> bytes:
    """The beginning of a body, with a whole line or as much as is looked at."""
    first = b""
    async for block in blocks:
        first += block
        if b"\n" in first or b"\r" in first[:-1] or len(first) > MAX_LINE:
            break
    return first


async def blocks_of_texts(blocks: AsyncIterator[list[str]], field: str) -> AsyncIterator[list[Text]]:
    """The numbers in lines of NDJSON; None for a line that cannot be read."""
    async for block in blocks:
        yield [text_of(line, field) for line in block]
