"""`/v1/validation`: one number, or a list. Requests and answers of the public API."""

import contextlib
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson
from aiohttp import web

from validator_svc.access.callers import Caller
from validator_svc.config import Settings
from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.answers import json_answer
from validator_svc.http.day_account import DayAccount
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.json_body import MAX_AT_ONCE, json_object, json_type, short_object
from validator_svc.http.json_list import LongList
from validator_svc.http.media_types import is_json, media_type_of
from validator_svc.http.parameters import Query, not_before_ms, region_code, request_type, shows_checked_at
from validator_svc.http.plain import Head
from validator_svc.http.plain_list import plain_object
from validator_svc.http.route import QUERY, ROUTE, Asked, Ready
from validator_svc.http.routes.validation_jobs import accept_list, document
from validator_svc.http.sending import JSON, NDJSON, send
from validator_svc.http.used import Used
from validator_svc.kernel.lengths import lengths_of
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import one_block
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.meanings import MEANING, how_read, meaning_of


class OneNumber(NamedTuple):
    """A checked query of `GET /v1/validation`."""

    text: str
    wanted: Wanted
    explains: bool


class ListRequest(NamedTuple):
    """A checked body of `POST /v1/validation`."""

    texts: Sequence[str]
    wanted: Wanted
    run_async: bool
    max_age: list[object]
    """What is said of how old a cached answer may be, as it is said."""


async def validate_one(request: web.Request) -> web.StreamResponse:
    """`GET /v1/validation`: 200 with one record."""
    one = one_number(request[QUERY], request[CALLER])
    wanted = one.wanted
    account = DayAccount(request, wanted.request_type)
    used = Used(request.app, request[CALLER], wanted.request_type, "number")
    await account.reserve(1)
    resolver = request.app[context.RESOLVER]
    if resolver.knows_at_once([one.text], wanted.request_type):
        line = resolver.at_once(one.text, wanted)
    else:
        lines = account.settled(resolver.lines(one_block([one.text]), in_time(request, wanted)))
        async with contextlib.aclosing(lines):
            line = b"".join([piece async for piece in lines])
    return json_answer(request, answered_one(one, line, used))


def validate_one_at_once(asked: Asked) -> Ready | None:
    """The same where the plan alone is asked. Raises ApiError."""
    one = one_number(asked.query, asked.caller)
    resolver = asked.app[context.RESOLVER]
    if not resolver.knows_at_once([one.text], one.wanted.request_type):
        return None

    def body() -> bytes:
        used = Used(asked.app, asked.caller, one.wanted.request_type, "number")
        return answered_one(one, resolver.at_once(one.text, one.wanted), used)

    return Ready(1, body)


def one_number(query: Query, caller: Caller) -> OneNumber:
    """What is asked of one number. Raises ApiError."""
    text, values = query.phone_number(), query.values
    if "max_age" in values or "force" in values:
        wanted = wanted_of(values.get("type"), values.get("country"), None)
        wanted = wanted._replace(
            not_before_ms=query.not_before_ms(), shows_checked_at=query.shows_checked_at()
        )
    else:
        wanted = wanted_of(values.get("type"), values.get("country"), values.get("show"))
    check_type(caller, wanted.request_type)
    return OneNumber(text, wanted, "explain" in values and query.flag("explain"))


# What is asked for is the same again and again, but for the numbers.
@lru_cache(maxsize=1_000)
def wanted_of(type_said: object, country: object, show: object) -> Wanted:
    """What is asked for whenever it was answered. Raises ApiError."""
    return Wanted(
        request_type(type_said),
        region_code(country),
        both_names=True,
        shows_checked_at=shows_checked_at(show),
    )


def answered_one(one: OneNumber, line: bytes, used: Used) -> bytes:
    """The body of the answer; its record is noted."""
    used.note_one(line)
    return (explained(line, one.wanted.region_code) if one.explains else line)[:-1]


def explained(line: bytes, region_code: str | None) -> bytes:
    """A record with `meanings`: what each of its fields says, in words."""
    record = orjson.loads(line)
    meanings = {name: meaning_of(name, record) for name in MEANING if name in record}
    meanings["phone_number"] += "; " + how_read(record["phone_number"], region_code)
    return orjson.dumps(record | {"meanings": meanings}) + b"\n"


async def validate_list(request: web.Request) -> web.StreamResponse:
    """`POST /v1/validation`: 200 with a record for each number, in request order; 201 with async true."""
    settings, resolver = request.app[context.SETTINGS], request.app[context.RESOLVER]
    body = await json_object(request, settings.body_max, request[ROUTE].known_keys, NUMBERS)
    asked = list_of(body, request[QUERY], request[CALLER])
    if asked.run_async:
        return await accept_list(request, asked.texts, asked.wanted, asked.max_age)
    check_count(asked, settings, resolver)
    account = DayAccount(request, asked.wanted.request_type)
    await account.reserve(len(asked.texts))
    used = Used(request.app, request[CALLER], asked.wanted.request_type, "list")
    is_ndjson = wants_ndjson(request)
    if not is_ndjson and resolver.knows_at_once(asked.texts, asked.wanted.request_type):
        return json_answer(request, answered_list(asked, resolver, used))
    lines = account.settled(resolver.lines(one_block(asked.texts), in_time(request, asked.wanted)))
    lines = used.counted(lines, counts_duplicates=True)
    async with contextlib.aclosing(lines):
        if is_ndjson:
            return await send(request, NDJSON, lines)
        return await send(request, JSON, document(head_of(asked), lines))


def validate_list_at_once(asked: Asked) -> Ready | None:
    """The same for a short list of which the plan alone is asked. Raises ApiError."""
    settings, resolver = asked.app[context.SETTINGS], asked.app[context.RESOLVER]
    plain = asked.plain
    if not is_json(media_type_of(plain)) or len(plain.body) > min(settings.body_max, MAX_AT_ONCE):
        return None
    body, texts = body_and_texts(plain.body, asked.route.known_keys)
    wanted = list_of(body, asked.query, asked.caller, texts)
    if wanted.run_async or wants_ndjson(plain):
        return None
    if not resolver.knows_at_once(wanted.texts, wanted.wanted.request_type):
        return None
    check_count(wanted, settings, resolver)
    used = Used(asked.app, asked.caller, wanted.wanted.request_type, "list")
    return Ready(len(wanted.texts), lambda: answered_list(wanted, resolver, used))


def body_and_texts(body: bytes, known_keys: Sequence[str]) -> tuple[dict[str, object], Sequence[str] | None]:
    """The object of a short body, and its texts, where they are left out of it. Raises ApiError 400."""
    found = plain_object(body, known_keys, NUMBERS.key)
    if found is not None and are_short_texts(found[1]):
        return found
    return short_object(body, known_keys, NUMBERS), None


def list_of(
    body: dict[str, object], query: Query, caller: Caller, texts: Sequence[str] | None = None
) -> ListRequest:
    """What is asked of a list; see `checked`. Raises ApiError."""
    asked = checked(body, texts)
    if query.shows_checked_at():
        asked = asked._replace(wanted=asked.wanted._replace(shows_checked_at=True))
    check_type(caller, asked.wanted.request_type)
    return asked


def check_count(asked: ListRequest, settings: Settings, resolver: Resolver) -> None:
    """Raise ApiError 413 for more numbers than are answered while somebody waits."""
    is_paid = resolver.is_paid(asked.wanted.request_type)
    most = settings.sync_max_upstream if is_paid else settings.sync_max
    if len(asked.texts) > most:
        raise ApiError(
            413,
            "too_many_numbers",
            f"phone_numbers: expected at most {most} numbers with async false, got {len(asked.texts)}; "
            "async true takes more",
        )


def answered_list(asked: ListRequest, resolver: Resolver, used: Used) -> bytes:
    """The body of the answer to a list that is known at once; its records are noted."""
    listed = resolver.listed_at_once(asked.texts, asked.wanted, head_of(asked), b"]}")
    used.note_list(len(asked.texts), listed)
    return listed.document


def head_of(asked: ListRequest) -> bytes:
    """What stands before the records of a list."""
    return b'{"status":"success","count":%d,"pending":0,"items":[' % len(asked.texts)


def wants_ndjson(request: Head) -> bool:
    """Whether a caller would rather have NDJSON."""
    return "Accept" in request.headers and best_type(request, (JSON, NDJSON)) == NDJSON


def in_time(request: web.Request, wanted: Wanted) -> Wanted:
    """The same, for the caller, answered within the setting's time from now on."""
    deadline_s = time.monotonic() + request.app[context.SETTINGS].sync_timeout
    return wanted._replace(deadline_s=deadline_s, owner=request[CALLER].owner)


def check_numbers(first: int, numbers: Sequence[object]) -> None:
    """Check some of `phone_numbers`, of which the first has this index. Raises ApiError 400."""
    if are_short_texts(numbers):
        return
    for index, number in enumerate(numbers, first):
        if not isinstance(number, str):
            raise bad_parameter(f"phone_numbers[{index}]", f"expected a string, got {json_type(number)}")
        if len(number) > MAX_TEXT:
            raise bad_parameter(f"phone_numbers[{index}]", f"expected at most {MAX_TEXT} characters")


def are_short_texts(values: Sequence[object]) -> bool:
    """Whether all values are texts as short as may be."""
    lengths = lengths_of(values)
    return lengths is not None and lengths[0] <= MAX_TEXT


NUMBERS = LongList("phone_numbers", check_numbers)


def checked(body: dict[str, object], texts: Sequence[str] | None = None) -> ListRequest:
    """Check a body, but for the elements of its list. Raises ApiError 400 naming the path of what is wrong.

    `texts`: these elements, where they are left out of it. An optional parameter that is null counts as not
    given.
    """
    kind = request_type(body.get("type"))
    if texts is None:
        texts = list_in(body)
    if len(body) == 2:
        # Nothing else is said: most lists are sent so.
        return ListRequest(texts, wanted_of(kind, None, None), False, [False, None])
    wanted = Wanted(
        kind,
        region_code(body.get("country")),
        both_names=True,
        not_before_ms=not_before_ms(flag(body, "force"), body.get("max_age")),
        shows_checked_at=shows_checked_at(body.get("show")),
    )
    max_age = [flag(body, "force"), body.get("max_age")]
    return ListRequest(texts, wanted, flag(body, "async"), max_age)


def list_in(body: dict[str, object]) -> list[str]:
    """The list of a body, whose elements are checked elsewhere. Raises ApiError 400."""
    numbers = body.get("phone_numbers")
    if not isinstance(numbers, list):
        got = "nothing" if "phone_numbers" not in body else json_type(numbers)
        raise bad_parameter("phone_numbers", f"expected an array of strings, got {got}")
    if not numbers:
        raise bad_parameter("phone_numbers", "expected at least one number, got an empty array")
    return numbers


def flag(body: dict[str, object], name: str) -> bool:
    """An optional boolean of the body."""
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise bad_parameter(name, f"expected true or false, got {json_type(value)}")
    return value
