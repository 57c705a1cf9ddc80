"""A request body that is one JSON object."""

import json
from collections import Counter
from collections.abc import Sequence

import orjson
from aiohttp import web

from validator_svc.http.body import whole
from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.json_list import LongList, NoJsonError, parsed_in_steps
from validator_svc.http.media_types import SAYS_NOTHING, TEXT_TYPE, is_json, media_type_of, unsupported
from validator_svc.http.names import refuse_unknown, shown

BOM = b"\xef\xbb\xbf"
EXPECTED = "application/json"
SPARE_BRACKETS = 1_000


# So much is parsed in one go; in it the longest list of lists takes some 10 MB and 5 ms.
MAX_AT_ONCE = 256 * 1024


async def json_object(
    request: web.Request, max_bytes: int, known: Sequence[str], long_list: LongList | None = None
) -> dict[str, object]:
    """The body as a JSON object, each of its keys known and given once.

    `long_list`: the one value that may be long, whose elements are checked as they are parsed.
    A Content-Type that says nothing (or none) will do when the body is an object. Raises ApiError 413 over
    `max_bytes`, 415 for another media type, 400 for anything but a JSON object, or for its keys.
    """
    media_type = media_type_of(request)
    says_nothing = media_type in SAYS_NOTHING or media_type == TEXT_TYPE
    if not says_nothing and not is_json(media_type):
        raise unsupported(media_type, EXPECTED)
    body = (await whole(request, max_bytes if long_list else min(max_bytes, MAX_AT_ONCE))).removeprefix(BOM)
    if media_type and says_nothing and not body.lstrip().startswith(b"{"):
        raise unsupported(media_type, EXPECTED)
    if long_list is None or len(body) <= MAX_AT_ONCE:
        return short_object(body, known, long_list)
    value, body = await in_steps(body, long_list)
    return checked_keys(value, body, known)


def short_object(body: bytes, known: Sequence[str], long_list: LongList | None = None) -> dict[str, object]:
    """The same for a body that is there, of at most `MAX_AT_ONCE` bytes and without a byte order mark."""
    value = parsed(body)
    check_elements(value, long_list)
    return checked_keys(value, body, known)


def checked_keys(value: object, body: bytes, known: Sequence[str]) -> dict[str, object]:
    """A value with known keys, each once in the body that it was read from. Raises ApiError 400."""
    if not isinstance(value, dict):
        raise ApiError(400, "invalid_json", f"body: expected an object, got {json_type(value)}")
    refuse_unknown(value, known, "key")
    # A colon follows each key: so many of them say that no key comes twice.
    if body.count(b":") != len(value):
        refuse_second_keys(body, known)
    return value


def parsed(body: bytes) -> object:
    """The JSON value. Raises ApiError 400."""
    # Each bracket may become an object of a hundred times its size. People do write numbers in square ones.
    if has_many_brackets(body):
        raise ApiError(400, "invalid_json", "body: expected JSON with one array, of strings")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
    raise ApiError(400, "invalid_json", f"body: expected JSON in UTF-8; {place} is not")


def has_many_brackets(body: bytes) -> bool:
    """Whether more brackets are in it than any list of numbers has."""
    if len(body) <= SPARE_BRACKETS:
        return False
    arrays, objects = body.count(b"["), body.count(b"{")
    return objects > SPARE_BRACKETS or (
        arrays > SPARE_BRACKETS and arrays > SPARE_BRACKETS + body.count(b'"')
    )


async def in_steps(body: bytes, long_list: LongList) -> tuple[object, bytes]:
    """The value, and the body without its long list. Raises ApiError 400."""
    try:
        return await parsed_in_steps(body, long_list)
    except NoJsonError as error:
        raise ApiError(400, "invalid_json", f"body: expected JSON in UTF-8; {error}") from None


def check_elements(value: object, long_list: LongList | None) -> None:
    """Check the elements of the long list, where there is one."""
    if long_list is not None and isinstance(value, dict):
        elements = value.get(long_list.key)
        if isinstance(elements, list):
            long_list.check(0, elements)


def refuse_second_keys(body: bytes, known: Sequence[str]) -> None:
    """Raise ApiError 400 when a key comes twice: orjson takes the last one without a word."""
    if all(body.count(b'"%b"' % key.encode()) < 2 for key in known):
        return
    json.loads(body, object_pairs_hook=once_each)


def once_each(pairs: list[tuple[str, object]]) -> None:
    """Check the keys of an object, from the inside out."""
    if len(dict(pairs)) == len(pairs):
        return
    name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
    raise bad_parameter(shown(name), "expected once, was given more often")


def json_type(value: object) -> str:
    """What JSON calls the type of a value."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
