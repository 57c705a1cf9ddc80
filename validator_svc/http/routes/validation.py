"""`/v1/validation`: one number, or a list. Requests and answers of the public API."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, cast

import orjson
from aiohttp import web

from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.answers import json_answer
from validator_svc.http.day_account import DayAccount
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.json_body import json_object, json_type
from validator_svc.http.json_list import LongList
from validator_svc.http.parameters import APPID, not_before_ms, region_code, request_type, shows_checked_at
from validator_svc.http.route import QUERY, ROUTE
from validator_svc.http.routes.validation_jobs import accept_list, document, in_array
from validator_svc.http.sending import JSON, NDJSON, send
from validator_svc.http.used import Used
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import Text
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.meanings import MEANING, how_read, meaning_of


class ListRequest(NamedTuple):
    """A checked body of `POST /v1/validation`."""

    texts: list[str]
    wanted: Wanted
    run_async: bool
    max_age: list[object]
    """What is said of how old a cached answer may be, as it is said."""


async def validate_one(request: web.Request) -> web.StreamResponse:
    """`GET /v1/validation`: 200 with one record."""
    query = request[QUERY]
    text = query.phone_number()
    wanted = Wanted(
        query.request_type(),
        query.region_code(),
        both_names=True,
        not_before_ms=query.not_before_ms(),
        shows_checked_at=query.shows_checked_at(),
    )
    check_type(request, wanted.request_type)
    account, used = DayAccount(request, wanted.request_type), Used(request, wanted.request_type, "number")
    explains = query.flag("explain")
    await account.reserve(1)
    resolver = request.app[context.RESOLVER]
    line = resolver.at_once([text], wanted)
    if line is None:
        lines = account.settled(resolver.lines(one_block([text]), in_time(request, wanted)))
        async with contextlib.aclosing(lines):
            line = b"".join([piece async for piece in lines])
    used.note_one(line)
    if explains:
        line = explained(line, wanted.region_code)
    return json_answer(request, line[:-1])


def explained(line: bytes, region_code: str | None) -> bytes:
    """A record with `meanings`: what each of its fields says, in words."""
    record = orjson.loads(line)
    meanings = {name: meaning_of(name, record) for name in MEANING if name in record}
    meanings["phone_number"] += "; " + how_read(record["phone_number"], region_code)
    return orjson.dumps(record | {"meanings": meanings}) + b"\n"


async def validate_list(request: web.Request) -> web.StreamResponse:
    """`POST /v1/validation`: 200 with a record for each number, in request order; 201 with async true."""
    settings, resolver = request.app[context.SETTINGS], request.app[context.RESOLVER]
    known = (*request[ROUTE].keys, APPID)
    numbers = LongList("phone_numbers", check_numbers)
    asked = checked(await json_object(request, settings.body_max, known, numbers))
    if request[QUERY].shows_checked_at():
        asked = asked._replace(wanted=asked.wanted._replace(shows_checked_at=True))
    check_type(request, asked.wanted.request_type)
    if asked.run_async:
        return await accept_list(request, asked.texts, asked.wanted, asked.max_age)
    paid = resolver.is_paid(asked.wanted.request_type)
    most = settings.sync_max_upstream if paid else settings.sync_max
    if len(asked.texts) > most:
        raise ApiError(
            413,
            "too_many_numbers",
            f"phone_numbers: expected at most {most} numbers with async false, got {len(asked.texts)}; "
            "async true takes more",
        )
    account = DayAccount(request, asked.wanted.request_type)
    await account.reserve(len(asked.texts))
    used = Used(request, asked.wanted.request_type, "list")
    is_ndjson = "Accept" in request.headers and best_type(request, (JSON, NDJSON)) == NDJSON
    head = b'{"status":"success","count":%d,"pending":0,"items":[' % len(asked.texts)
    records = None if is_ndjson else resolver.at_once(asked.texts, asked.wanted)
    if records is not None:
        used.note_list(records)
        return json_answer(request, b"%b%b]}" % (head, in_array(records)))
    lines = account.settled(resolver.lines(one_block(asked.texts), in_time(request, asked.wanted)))
    lines = used.counted(lines, counts_duplicates=True)
    async with contextlib.aclosing(lines):
        if is_ndjson:
            return await send(request, NDJSON, lines)
        return await send(request, JSON, document(head, lines))


def in_time(request: web.Request, wanted: Wanted) -> Wanted:
    """The same, for the caller, answered within the setting's time from now on."""
    deadline_s = time.monotonic() + request.app[context.SETTINGS].sync_timeout
    return wanted._replace(deadline_s=deadline_s, owner=request[CALLER].owner)


async def one_block(texts: Sequence[Text]) -> AsyncIterator[Sequence[Text]]:
    """A list that is there as a whole, for the resolver."""
    yield texts


def check_numbers(first: int, numbers: Sequence[object]) -> None:
    """Check some of `phone_numbers`, of which the first has this index. Raises ApiError 400."""
    if set(map(type, numbers)) == {str} and max(map(len, cast(Sequence[str], numbers))) <= MAX_TEXT:
        return
    for index, number in enumerate(numbers, first):
        if not isinstance(number, str):
            raise bad_parameter(f"phone_numbers[{index}]", f"expected a string, got {json_type(number)}")
        if len(number) > MAX_TEXT:
            raise bad_parameter(f"phone_numbers[{index}]", f"expected at most {MAX_TEXT} characters")


def checked(body: dict[str, object]) -> ListRequest:
    """Check a body, but for the elements of its list. Raises ApiError 400 naming the path of what is wrong.

    An optional parameter that is null counts as not given.
    """
    request_type(body.get("type"))
    numbers = body.get("phone_numbers")
    if not isinstance(numbers, list):
        got = "nothing" if "phone_numbers" not in body else json_type(numbers)
        raise bad_parameter("phone_numbers", f"expected an array of strings, got {got}")
    if not numbers:
        raise bad_parameter("phone_numbers", "expected at least one number, got an empty array")
    wanted = Wanted(
        request_type(body.get("type")),
        region_code(body.get("country")),
        both_names=True,
        not_before_ms=not_before_ms(flag(body, "force"), body.get("max_age")),
        shows_checked_at=shows_checked_at(body.get("show")),
    )
    max_age = [flag(body, "force"), body.get("max_age")]
    return ListRequest(numbers, wanted, flag(body, "async"), max_age)


def flag(body: dict[str, object], name: str) -> bool:
    """An optional boolean of the body."""
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise bad_parameter(name, f"expected true or false, got {json_type(value)}")
    return value
