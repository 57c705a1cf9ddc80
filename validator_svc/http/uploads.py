"""A file in a request: raw or as multipart, with what is said of it in the query or in form fields."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import NamedTuple

from aiohttp import web

from validator_svc import traces
from validator_svc.batches.spec import Order
from validator_svc.formats.clean_csv import well_formed
from validator_svc.formats.compression import unpacked_name
from validator_svc.formats.input_formats import format_of_media_type
from validator_svc.formats.layout import Hints
from validator_svc.formats.text_formats import FORMAT_BY_ENDING
from validator_svc.http import context
from validator_svc.http.body import joined
from validator_svc.http.errors import ApiError, bad_parameter, unavailable
from validator_svc.http.forms import form_of
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.lines import newline_decoder
from validator_svc.http.media_types import (
    OPEN_TYPES,
    charset_said,
    essence,
    is_json,
    media_type_of,
    unsupported,
)
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.parameters import Query
from validator_svc.http.request_id import request_id
from validator_svc.http.route import QUERY
from validator_svc.http.sniffing import is_form
from validator_svc.http.urls import checked_webhook
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.screener import DEPTH

RETRY_S = 5
ENCODINGS = ("", "identity", "gzip", "x-gzip", "zstd")
COLUMN = "column:"
URLENCODED = "application/x-www-form-urlencoded"
EXPECTED = ("text/csv", "application/x-ndjson", "text/plain", "multipart/form-data")
# What is so is seen, and what is said to be so is often not.
USUAL_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii", "binary"})


class FileUpload(NamedTuple):
    """A file that is still being sent."""

    pieces: AsyncIterator[bytes]
    hints: Hints
    order: Order
    asked: list[object]
    """What changes how the file is read and answered, beside the order."""


@asynccontextmanager
async def received(request: web.Request) -> AsyncIterator[FileUpload]:
    """The file of a request, while it has a place among those taken in at the same time.

    Raises ApiError 400 for parameters, 415 for the type of the body, 429 when its caller has all of those
    that one may have, 503 when all places are taken.
    """
    places = request.app[context.UPLOADS]
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(request.app[OPEN].counted(request, "uploads"))
        if places.locked():
            raise unavailable("too many files are being taken in", RETRY_S)
        await stack.enter_async_context(places)
        if media_type_of(request).startswith("multipart/"):
            upload = await from_form(request, stack)
        else:
            upload = await from_body(request)
        check_type(request[CALLER], upload.order.request_type)
        caller = request[CALLER]
        policy = caller.key.policy if caller.key and upload.order.system else None
        order = upload.order._replace(
            owner=caller.owner, policy=policy, request_id=request_id(request), trace=traces.here()
        )
        upload = upload._replace(order=order)
        if upload.order.webhook_url is not None and request.app[context.SETTINGS].webhook_secret is None:
            raise bad_parameter("webhook_url", "expected none, as VALIDATOR_WEBHOOK_SECRET is not set")
        yield upload


async def from_body(request: web.Request) -> FileUpload:
    """A file that is the body itself."""
    query, content_type = request[QUERY], request.headers.get("Content-Type", "")
    check_encoding(request.headers.get("Content-Encoding", ""))
    pieces = request.content.iter_any()
    name = query.values.get("name", "")
    upload = upload_of(query, name, name, content_type, pieces)
    if essence(content_type) == URLENCODED:
        first = await anext(pieces, b"")
        if is_form(first):
            raise unsupported(URLENCODED, *EXPECTED)
        return upload._replace(pieces=joined(first, pieces))
    return upload


async def from_form(request: web.Request, stack: contextlib.AsyncExitStack) -> FileUpload:
    """A file that is a part of a form; the fields of the form count like parameters of the query."""
    query = request[QUERY]
    max_bytes = request.app[context.SETTINGS].upload_max
    file = await stack.enter_async_context(form_of(request, query, max_bytes))
    check_encoding(file.content_encoding)
    name = query.values.get("name") or file.name
    return upload_of(query, name, file.name, file.content_type, file.pieces())


def upload_of(
    query: Query, name: str, file_name: str, content_type: str, pieces: AsyncIterator[bytes]
) -> FileUpload:
    """The upload with what is said of it. Raises ApiError 400 or 415."""
    order = order_of(query, name)
    if order.system and "column" in query.values:
        raise bad_parameter("column", "expected none, as columns are named as parameters are")
    ending = ending_of(essence(content_type))
    known = unpacked_name(file_name)
    hints = Hints(
        name=known if PurePath(known).suffix else f"upload{ending}",
        column=number_column(order.system) or query.values.get("column"),
        region_code=order.region_code,
        has_header=query.flag("header") if "header" in query.values else None,
        encoding=query.values.get("encoding"),
        charset=charset_of(content_type),
        sheet=query.values.get("sheet"),
    )
    # Of a file's name its ending counts, which tells the format.
    known_as = hints._replace(name=FORMAT_BY_ENDING.get(PurePath(hints.name).suffix.lower(), ""))
    return FileUpload(pieces, hints, order, [known_as, *map(query.values.get, ("force", "max_age"))])


def ending_of(media_type: str) -> str:
    """The ending of files of that type, empty where the content tells. Raises ApiError 415."""
    known = format_of_media_type(media_type)
    if known is not None:
        return known.endings[0] if known.is_told else ""
    if media_type not in OPEN_TYPES and not is_json(media_type):
        raise unsupported(media_type, *EXPECTED)
    return ""


def charset_of(content_type: str) -> str | None:
    """The `charset` of a media type; None for UTF-8, which is recognised anyway. Raises ApiError 415."""
    charset = charset_said(content_type)
    if charset in USUAL_CHARSETS:
        return None
    newline_decoder(charset)
    return charset


def order_of(query: Query, name: str) -> Order:
    """What is asked for. Raises ApiError 400."""
    country = query.values.get("country", "")
    column = country[len(COLUMN) :] if country.startswith(COLUMN) else None
    system = system_of(query)
    if system and column is not None:
        raise bad_parameter("country", "expected a country, as the columns are those of the requests")
    return Order(
        request_type=DEPTH if system and "type" not in query.values else query.request_type(),
        region_code=query.region_code() if column is None else None,
        region_column=column,
        not_before_ms=query.not_before_ms(),
        name=well_formed(name)[:200],
        max_cost=query.money("max_cost"),
        webhook_url=checked_webhook(query.values.get("webhook_url")),
        shows_checked_at=query.shows_checked_at(),
        system=system,
    )


def system_of(query: Query) -> str:
    """The system that the rows are requests to; empty where they are numbers. Raises ApiError 400."""
    kind, system = query.values.get("kind"), query.values.get("system")
    if kind not in (None, "screen"):
        raise bad_parameter("kind", "expected screen, or none for numbers")
    if (system is None) is not (kind is None) or (system is not None and system not in SYSTEMS):
        raise bad_parameter("system", f"expected with kind=screen, one of {', '.join(SYSTEMS)}")
    return system or ""


def number_column(system: str) -> str | None:
    """The column that a file of requests to a system must have: the number called, or else the caller's."""
    if not system:
        return None
    return min(SYSTEMS[system].places, key=lambda each: each.phone.role == "caller").name


def check_encoding(encoding: str) -> None:
    """Compressed bodies are recognised by their first bytes; here only what cannot be is refused."""
    if encoding.strip().lower() not in ENCODINGS:
        raise ApiError(415, "unsupported_encoding", "Content-Encoding: expected gzip, zstd or identity")
