"""`/v1/screen/{system}`: requests to telecom systems, checked before they are sent."""

import contextlib
import time
from functools import partial

import orjson
from aiohttp import web

from validator_svc.access.usage import UsageKind
from validator_svc.http import context
from validator_svc.http.answered_body import in_utf_8
from validator_svc.http.body import pieces, whole
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.media_types import (
    NDJSON_TYPES,
    SAYS_NOTHING,
    TEXT_TYPE,
    charset_said,
    is_json,
    media_type_of,
    unsupported,
)
from validator_svc.http.open_at_once import OPEN
from validator_svc.http.parameters import Query
from validator_svc.http.route import QUERY
from validator_svc.http.screened_lines import screened_lines
from validator_svc.http.screening_account import ScreeningAccount
from validator_svc.http.sending import JSON, NDJSON, send
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening import bodies
from validator_svc.screening.bodies import UnreadableError
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.screened import Screened
from validator_svc.screening.screener import DEPTH, MAX_BYTES, Screener
from validator_svc.screening.system import Body, System
from validator_svc.turns import alone

URLENCODED = "application/x-www-form-urlencoded"
# What is screened in the event loop; what is longer may be made to take long.
SMALL_BYTES = 4_096
MOST_TOLD = 5


async def screen(request: web.Request) -> web.StreamResponse:
    """`POST /v1/screen/{system}`: 200 with what is found of a request, or of each of a list of them."""
    system, wanted, native = system_of(request), wanted_of(request), wants_native(request)
    screener = screener_of(request, system)
    if media_type_of(request) not in NDJSON_TYPES:
        found = await screened_one(request, screener, wanted, "screen")
        if native and not found.is_allowed:
            return refused(system, found, native)
        return web.Response(body=found.line()[:-1], content_type=JSON)
    if native:
        raise bad_parameter("errors", "expected none with a list, as each of its requests is answered")
    account = ScreeningAccount(request, wanted.request_type, "screen")
    charset = charset_said(request.headers.get("Content-Type", "")) or "utf-8"
    blocks = in_utf_8(pieces(request), charset)
    reader = request.app[context.SCREENING].reader
    lines = screened_lines(blocks, screener, reader, wanted, account)
    with request.app[OPEN].counted(request, "streams"):
        async with contextlib.aclosing(lines):
            return await send(request, NDJSON, lines)


def system_of(request: web.Request) -> System:
    """The system that the path names. Raises ApiError 404."""
    system = SYSTEMS.get(request.match_info["system"])
    if system is None:
        raise ApiError(404, "unknown_system", f"there is no system of this name; known: {', '.join(SYSTEMS)}")
    return system


def wanted_of(request: web.Request) -> Wanted:
    """How the numbers are to be answered. Raises ApiError 400, or 403 for a type that the key may not use."""
    query: Query = request[QUERY]
    request_type = query.request_type() if "type" in query.values else DEPTH
    check_type(request[CALLER], request_type)
    return Wanted(
        request_type,
        query.region_code(),
        not_before_ms=query.not_before_ms(),
        shows_checked_at=query.shows_checked_at(),
    )


def wants_native(request: web.Request) -> bool:
    """Whether a refused request is to be answered in the system's own form. Raises ApiError 400."""
    value = request[QUERY].values.get("errors")
    if value not in (None, "native"):
        raise bad_parameter("errors", "expected native, or none for errors of this service's own form")
    return value is not None


def screener_of(request: web.Request, system: System) -> Screener:
    """What screens requests of the caller."""
    key = request[CALLER].key
    return request.app[context.SCREENING].screener(system.name, key.policy if key else None)


async def screened_one(request: web.Request, screener: Screener, wanted: Wanted, kind: UsageKind) -> Screened:
    """What is found of the request that is the body. Raises ApiError 400, 413 or 415, StoreAwayError."""
    body = await body_of(request, screener.system)
    account = ScreeningAccount(request, wanted.request_type, kind)
    reader = request.app[context.SCREENING].reader
    texts: list[str] = []
    if (request.content_length or MAX_BYTES) > SMALL_BYTES:
        asked = await alone(partial(screener.read, body, texts))
    else:
        asked = screener.read(body, texts)
    await account.reserve(len(texts))
    if reader.is_paid(wanted):
        due = time.monotonic() + request.app[context.SETTINGS].sync_timeout
        answers = await reader.paid(texts, wanted._replace(deadline_s=due))
    else:
        answers = reader.free(texts, wanted)
    account.count_records(answers.records)
    account.note()
    await account.settle()
    return screener.screened(asked, answers)


async def body_of(request: web.Request, system: System) -> Body:
    """The request as its system takes it. Raises ApiError 400, 413, 415."""
    media_type = media_type_of(request)
    says_nothing = media_type in SAYS_NOTHING or media_type == TEXT_TYPE
    if not says_nothing and not is_json(media_type):
        raise unsupported(media_type, URLENCODED if system.is_form else JSON, NDJSON)
    text = (await whole(request, MAX_BYTES)).removeprefix(b"\xef\xbb\xbf")
    looks_like_json = text.lstrip().startswith(b"{")
    if media_type and says_nothing and not looks_like_json and not system.is_form:
        raise unsupported(media_type, JSON, NDJSON)
    is_form = system.is_form and not looks_like_json and not is_json(media_type)
    try:
        if is_form:
            return bodies.of_form(text, system)
        body = bodies.of_json(text)
    except UnreadableError as unreadable:
        code = "invalid_form" if is_form else "invalid_json"
        raise ApiError(400, code, f"body: {unreadable}") from None
    return bodies.as_form(body) if system.is_form else body


def refused(system: System, found: Screened, native: bool) -> web.Response:
    """A refused request answered as its system would, or as an error of ours where it does not say."""
    errors = [each for each in found.findings if each.severity == "error"]
    if native and system.refusal is not None:
        refusal = system.refusal(errors)
        return web.Response(status=refusal.status, body=orjson.dumps(refusal.body), content_type=JSON)
    told = "; ".join(each.message for each in errors[:MOST_TOLD])
    raise ApiError(400, "refused", told)
