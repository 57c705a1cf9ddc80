"""`/v1/validation`: one number, or a list answered at once. Requests and answers of the public API."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from aiohttp import web

from validator_svc.http import context
from validator_svc.http.body import json_object, json_type
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.parameters import Query, region_code, request_type
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.reading import MAX_TEXT

NDJSON = "application/x-ndjson"


class ListRequest(NamedTuple):
    """A checked body of `POST /v1/validation`."""

    texts: list[str]
    request_type: RequestType
    region_code: str | None
    run_async: bool
    force: bool


async def validate_one(request: web.Request) -> web.Response:
    """`GET /v1/validation`: 200 with one record."""
    query = Query(request)
    text, wanted, region = query.phone_number(), query.request_type(), query.region_code()
    query.flag("force")
    resolver = request.app[context.RESOLVER]
    line = b"".join([piece async for piece in resolver.lines([text], wanted, region, both_names=True)])
    return web.Response(body=line[:-1], content_type="application/json")


async def validate_list(request: web.Request) -> web.StreamResponse:
    """`POST /v1/validation`: 200 with a record for each number, in request order."""
    settings = request.app[context.SETTINGS]
    wanted = checked(await json_object(request, settings.body_max), settings.sync_max)
    if wanted.run_async:
        raise ApiError(400, "async_unavailable", "async: expected false; this version answers at once only")
    resolver = request.app[context.RESOLVER]
    lines = resolver.lines(wanted.texts, wanted.request_type, wanted.region_code, both_names=True)
    if NDJSON in request.headers.get("Accept", ""):
        return await send(request, NDJSON, lines)
    return await send(request, "application/json", as_document(lines, len(wanted.texts)))


def checked(body: dict[str, object], most: int) -> ListRequest:
    """Check a body. Raises ApiError 400 naming the path of what is wrong, 413 for too many numbers.

    An optional parameter that is null counts as not given.
    """
    wanted = request_type(body.get("type"))
    numbers = body.get("phone_numbers")
    if not isinstance(numbers, list):
        got = "nothing" if "phone_numbers" not in body else json_type(numbers)
        raise bad_parameter("phone_numbers", f"expected an array of strings, got {got}")
    if not numbers:
        raise bad_parameter("phone_numbers", "expected at least one number, got an empty array")
    if len(numbers) > most:
        raise ApiError(
            413,
            "too_many_numbers",
            f"phone_numbers: expected at most {most} numbers with async false, got {len(numbers)}; "
            "async true takes more",
        )
    for index, number in enumerate(numbers):
        if not isinstance(number, str):
            raise bad_parameter(f"phone_numbers[{index}]", f"expected a string, got {json_type(number)}")
        if len(number) > MAX_TEXT:
            raise bad_parameter(f"phone_numbers[{index}]", f"expected at most {MAX_TEXT} characters")
    return ListRequest(
        texts=numbers,
        request_type=wanted,
        region_code=region_code(body.get("country")),
        run_async=flag(body, "async"),
        force=flag(body, "force"),
    )


def flag(body: dict[str, object], name: str) -> bool:
    """An optional boolean of the body."""
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise bad_parameter(name, f"expected true or false, got {json_type(value)}")
    return value


async def as_document(lines: AsyncIterator[bytes], count: int) -> AsyncIterator[bytes]:
    """The records as the public API's one JSON document, written while they become known."""
    yield b'{"status":"success","count":%d,"pending":0,"items":[' % count
    separator = b""
    async for piece in lines:
        if piece:
            # In JSON a raw line end never stands inside a string: those here part records.
            yield separator + piece[:-1].replace(b"\n", b",")
            separator = b","
    yield b"]}"


async def send(request: web.Request, content_type: str, parts: AsyncIterator[bytes]) -> web.StreamResponse:
    """Stream `parts` as they come; a reader that is slow slows their making."""
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    async for part in parts:
        await response.write(part)
    await response.write_eof()
    return response
