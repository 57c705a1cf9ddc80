"""A file in a request: raw or as multipart, with what is said of it in the query or in form fields."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import NamedTuple

from aiohttp import BodyPartReader, web

from validator_svc.batches.layout import Hints
from validator_svc.batches.packing import unpacked_name
from validator_svc.batches.plan import Order
from validator_svc.http import context
from validator_svc.http.errors import ApiError, bad_parameter, unavailable
from validator_svc.http.names import refuse_unknown
from validator_svc.http.parameters import Query
from validator_svc.http.route import QUERY
from validator_svc.http.urls import checked_webhook

READ_BYTES = 64 * 1024
MAX_FIELD_BYTES = 4 * 1024
MAX_FIELDS = 20
RETRY_S = 5

ENDINGS: Mapping[str, str] = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/x-jsonlines": ".ndjson",
}
# What says nothing of the format, or what the content itself tells better.
OPEN_TYPES = frozenset(
    {
        "application/json",
        "text/json",
        "text/plain",
        "application/octet-stream",
        "application/gzip",
        "application/x-gzip",
        "application/zstd",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel.sheet.macroenabled.12",
    }
)
ENCODINGS = ("", "identity", "gzip", "x-gzip", "zstd")
COLUMN = "column:"


class FileUpload(NamedTuple):
    """A file that is still being sent."""

    pieces: AsyncIterator[bytes]
    hints: Hints
    order: Order


@asynccontextmanager
async def received(request: web.Request) -> AsyncIterator[FileUpload]:
    """The file of a request, while it has a place among those taken in at the same time.

    Raises ApiError 400 for parameters, 415 for the type of the body, 503 when all places are taken.
    """
    places = request.app[context.UPLOADS]
    if places.locked():
        raise unavailable("too many files are being taken in", RETRY_S)
    async with places:
        is_form = request.content_type.startswith("multipart/")
        upload = await from_form(request) if is_form else from_body(request)
        if upload.order.webhook_url is not None and request.app[context.SETTINGS].webhook_secret is None:
            raise bad_parameter("webhook_url", "expected none, as VALIDATOR_WEBHOOK_SECRET is not set")
        yield upload


def from_body(request: web.Request) -> FileUpload:
    """A file that is the body itself."""
    check_encoding(request.headers.get("Content-Encoding", ""))
    query = request[QUERY]
    media_type = request.content_type if "Content-Type" in request.headers else "application/octet-stream"
    name = query.values.get("name", "")
    return upload_of(query, name, media_type, body_of(request))


async def body_of(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes, still compressed."""
    async for piece in request.content.iter_any():
        yield piece


async def from_form(request: web.Request) -> FileUpload:
    """A file that is a part of a form; the fields before it count like parameters of the query."""
    query = request[QUERY]
    try:
        form = await request.multipart()
        for _ in range(MAX_FIELDS):
            part = await form.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                continue
            if part.filename is not None or part.name == "file":
                name = query.values.get("name") or part.filename or ""
                media_type = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
                check_encoding(part.headers.get("Content-Encoding", ""))
                return upload_of(query, name, media_type, part_of(part), part.filename or "")
            refuse_unknown([part.name or ""], query.known, "field")
            query.add_field(part.name or "", await field_of(part))
    except ValueError:
        raise ApiError(400, "malformed_body", "body: expected multipart/form-data") from None
    raise bad_parameter("file", "expected a part with a file in the form")


async def part_of(part: BodyPartReader) -> AsyncIterator[bytes]:
    """The part as it comes."""
    while piece := await part.read_chunk(READ_BYTES):
        yield piece


async def field_of(part: BodyPartReader) -> str:
    """The text of a form field. Raises ApiError 400 when it is long."""
    value = bytearray()
    while piece := await part.read_chunk(MAX_FIELD_BYTES):
        value += piece
        if len(value) > MAX_FIELD_BYTES:
            raise bad_parameter((part.name or "")[:40], f"expected at most {MAX_FIELD_BYTES} bytes")
    return value.decode("utf-8", "replace")


def upload_of(
    query: Query, name: str, media_type: str, pieces: AsyncIterator[bytes], file_name: str | None = None
) -> FileUpload:
    """The upload with what is said of it. Raises ApiError 400 or 415."""
    media_type = media_type.strip().lower()
    if media_type not in ENDINGS and media_type not in OPEN_TYPES:
        raise ApiError(
            415,
            "unsupported_media_type",
            "Content-Type: expected CSV, TSV, NDJSON, JSON, plain text, XLSX or multipart/form-data",
        )
    order = order_of(query, name)
    known = unpacked_name(file_name if file_name is not None else name)
    hints = Hints(
        name=known if PurePath(known).suffix else f"upload{ENDINGS.get(media_type, '')}",
        column=query.values.get("column"),
        region_code=order.region_code,
        has_header=query.flag("header") if "header" in query.values else None,
        encoding=query.values.get("encoding"),
        sheet=query.values.get("sheet"),
    )
    return FileUpload(pieces, hints, order)


def order_of(query: Query, name: str) -> Order:
    """What is asked for. Raises ApiError 400."""
    country = query.values.get("country", "")
    column = country[len(COLUMN) :] if country.startswith(COLUMN) else None
    return Order(
        request_type=query.request_type(),
        region_code=query.region_code() if column is None else None,
        region_column=column,
        not_before_ms=query.not_before_ms(),
        name=name[:200],
        max_cost=query.money("max_cost"),
        webhook_url=checked_webhook(query.values.get("webhook_url")),
    )


def check_encoding(encoding: str) -> None:
    """Compressed bodies are recognised by their first bytes; here only what cannot be is refused."""
    if encoding.strip().lower() not in ENCODINGS:
        raise ApiError(415, "unsupported_encoding", "Content-Encoding: expected gzip, zstd or identity")
