"""`/v2/PhoneNumbers/{n}` and `/v2/batch/query`: Twilio Lookup v2, answered by this service."""

import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import NamedTuple, cast
from urllib.parse import quote

import orjson
from aiohttp import web

from validator_svc.access.usage import UsageKind
from validator_svc.formats.row_regions import by_region
from validator_svc.http import context
from validator_svc.http.day_account import DayAccount
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.gate import CALLER, check_type
from validator_svc.http.json_body import json_object, json_type
from validator_svc.http.names import refuse_unknown
from validator_svc.http.parameters import APPID, region_code
from validator_svc.http.route import QUERY, ROUTE
from validator_svc.http.routes.validation import in_time
from validator_svc.http.sending import JSON
from validator_svc.http.twilio.answers import LookupAnswer, answer_of
from validator_svc.http.twilio.packages import BASIC, FIELDS, MOST_NUMBERS, request_type_of
from validator_svc.http.used import Used
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import one_block
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.record.finished import VALID
from validator_svc.turns import next_turn

# Numbers of a list that are read or answered in one go.
SLICE = 50
# Where numbers belong that do not say it, as it has it.
REGION = "US"
KEYS_OF_ONE = (
    *("correlation_id", "phone_number", "fields", "country_code"),
    *("identity_match", "reassigned_number", "sms_pumping_risk"),
)

Record = Mapping[str, object]


class LookupQuery(NamedTuple):
    """One number that is asked for."""

    text: str
    region: str
    packages: tuple[str, ...]
    correlation_id: str | None = None

    @property
    def request_type(self) -> RequestType:
        """What tells of the packages."""
        return request_type_of(self.packages)


async def fetch(request: web.Request) -> web.Response:
    """`GET /v2/PhoneNumbers/{PhoneNumber}`: 200 for whatever may be a number, valid or not."""
    query, text = request[QUERY], request.match_info["PhoneNumber"]
    if not text.strip() or len(text) > MAX_TEXT:
        raise ApiError(404, "not_found", "The requested resource was not found")
    fields = [each.strip() for each in query.values.get("Fields", "").split(",") if each.strip()]
    region = region_code(query.values.get("CountryCode") or REGION, "CountryCode")
    asked = LookupQuery(text, region or REGION, packages_in("Fields", fields))
    (record,) = await records_of(request, [asked], "number")
    answer = answer_of(record, asked.packages)
    path = f"/v2/PhoneNumbers/{quote(str(answer['phone_number']), safe='+')}"
    return web.json_response(answer | {"url": f"{request.scheme}://{request.host}{path}"})


async def query(request: web.Request) -> web.Response:
    """`POST /v2/batch/query`: 200 with an answer for each of the numbers, in order."""
    known = (*request[ROUTE].keys, APPID)
    body = await json_object(request, request.app[context.SETTINGS].body_max, known)
    numbers = body.get("phone_numbers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_parameter("phone_numbers", "expected an array of at least one object")
    if len(numbers) > MOST_NUMBERS:
        raise ApiError(413, "too_many_numbers", f"phone_numbers: expected at most {MOST_NUMBERS}")
    asked = [one_of(f"phone_numbers[{at}]", numbers[at]) async for part in in_slices(numbers) for at in part]
    records = await records_of(request, asked, "list")
    answers = [
        orjson.dumps(answer_in_list(asked[at], records[at])) async for part in in_slices(asked) for at in part
    ]
    return web.Response(body=b'{"phone_numbers":[%b]}' % b",".join(answers), content_type=JSON)


def answer_in_list(asked: LookupQuery, record: Record) -> LookupAnswer:
    """The answer for one number of several."""
    own = {"correlation_id": asked.correlation_id, "twilio_error_code": None}
    return own | answer_of(record, asked.packages)


def one_of(path: str, value: object) -> LookupQuery:
    """One number of a body. Raises ApiError 400 naming the path of what is wrong."""
    if not isinstance(value, dict):
        raise bad_parameter(path, f"expected an object, got {json_type(value)}")
    refuse_unknown(value, KEYS_OF_ONE, f"key of {path}")
    text, correlation_id, fields = map(value.get, ("phone_number", "correlation_id", "fields"))
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise bad_parameter(f"{path}.phone_number", f"expected a string of at most {MAX_TEXT} characters")
    if correlation_id is not None and not isinstance(correlation_id, str):
        raise bad_parameter(f"{path}.correlation_id", f"expected a string, got {json_type(correlation_id)}")
    if fields is not None and not (
        isinstance(fields, list) and all(isinstance(each, str) for each in fields)
    ):
        raise bad_parameter(f"{path}.fields", "expected an array of strings")
    region = region_code(value.get("country_code") or REGION, f"{path}.country_code")
    return LookupQuery(text, region or REGION, packages_in(f"{path}.fields", fields or []), correlation_id)


def packages_in(name: str, fields: Sequence[str]) -> tuple[str, ...]:
    """The packages among fields that are asked for. Raises ApiError 400 for one that there is not."""
    if any(field not in FIELDS and field != BASIC for field in fields):
        raise bad_parameter(name, f"expected some of {', '.join((BASIC, *FIELDS))}")
    return tuple(field for field in dict.fromkeys(fields) if field != BASIC)


async def records_of(request: web.Request, asked: Sequence[LookupQuery], kind: UsageKind) -> list[Record]:
    """The records for what is asked, in order: of numbers that are not valid the plan's, for nothing.

    All that it may cost is reserved before any of it is spent. Raises ApiError 403, DayUsedUpError,
    StoreAwayError.
    """
    by_type = {
        each: [at for at, one in enumerate(asked) if one.request_type == each] for each in REQUEST_TYPES
    }
    accounts: dict[RequestType, DayAccount] = {}
    for request_type, places in by_type.items():
        if places:
            check_type(request[CALLER], request_type)
            accounts[request_type] = DayAccount(request, request_type)
            await accounts[request_type].reserve(len(places))
    lines = await plan_lines(request, asked)
    for request_type, account in accounts.items():
        used, places = Used(request.app, request[CALLER], request_type, kind), by_type[request_type]
        if request_type != "format":
            valid = [at for at in places if VALID in lines[at]]
            found = await looked_up(request, request_type, [lines[at] for at in valid], account)
            for at, line in zip(valid, found, strict=True):
                lines[at] = line
        async for _ in used.counted(one_piece([lines[at] for at in places]), counts_duplicates=True):
            pass
    return [cast(Record, orjson.loads(line)) for line in lines]


async def looked_up(
    request: web.Request, request_type: RequestType, valid: Sequence[bytes], account: DayAccount
) -> list[bytes]:
    """The records of this type for numbers, given the plan's."""
    wanted = in_time(request, Wanted(request_type))
    numbers = [str(orjson.loads(line)["e164_format"]) for line in valid]
    found = account.settled(request.app[context.RESOLVER].lines(one_block(numbers), wanted))
    async with contextlib.aclosing(found):
        return b"".join([piece async for piece in found]).splitlines(keepends=True)


async def plan_lines(request: web.Request, asked: Sequence[LookupQuery]) -> list[bytes]:
    """What the plan alone says of the numbers, each read in its own region."""
    classifier = request.app[context.CLASSIFIER]
    found: dict[int, bytes] = {}
    async for part in in_slices(asked):
        for region, in_part in by_region([asked[at].region for at in part]).items():
            places = [part[at] for at in in_part]
            lines = classifier.lines([asked[at].text for at in places], "format", region)
            found |= zip(places, lines.splitlines(keepends=True), strict=True)
    return [found[at] for at in range(len(asked))]


async def in_slices(listed: Sequence[object]) -> AsyncGenerator[range, None]:
    """The places in a list, some at a time; others go on between them."""
    for start in range(0, len(listed), SLICE):
        if start:
            await next_turn()
        yield range(start, min(start + SLICE, len(listed)))


async def one_piece(lines: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    """Records that are all there."""
    yield b"".join(lines)
