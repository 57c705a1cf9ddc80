"""A JSON object with one long list, parsed in steps, so that nothing is held up by it."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.json_array import WHITE, Splitter
from validator_svc.turns import next_turn

STEP_BYTES = 32 * 1024
MAX_OUTSIDE_BYTES = 64 * 1024
"""What may stand in the object beside its list."""

CheckElements = Callable[[int, Sequence[object]], None]
"""Raises when elements, of which the first has this index in the list, are not as expected."""


class LongList(NamedTuple):
    """The one value of an object that may be long."""

    key: str
    check: CheckElements


class NoJsonError(ValueError):
    """A body that is no JSON, or has more beside its list than it may; the message says which."""


async def parsed_in_steps(body: bytes, long_list: LongList) -> tuple[object, bytes]:
    """The value of a long body, and the body without the elements of its list.

    Raises NoJsonError, and what the list's check raises as soon as it sees it.
    """
    key = re.escape(orjson.dumps(long_list.key))
    opening = re.search(rb"(?<!\\)%b\s*:\s*\[" % key, body)
    if opening is None:
        raise NoJsonError(f"only {long_list.key} may be as long, an array")
    splitter, at = Splitter(b""), opening.end()
    found: list[object] = []
    while not splitter.has_ended:
        if at >= len(body):
            raise NoJsonError(f"{long_list.key} does not end")
        splitter.add(body[at : at + STEP_BYTES])
        at += STEP_BYTES
        more = parsed_elements(splitter)
        long_list.check(len(found), more)
        found += more
        check_length(splitter, f"{long_list.key}[{len(found)}]")
        await next_turn()
    end = min(at, len(body)) - len(splitter.pending)
    if ends_in_comma(body, end - 1):
        raise NoJsonError(f"{long_list.key} ends in a comma")
    outside = body[: opening.end()] + body[end - 1 :]
    if len(outside) > MAX_OUTSIDE_BYTES:
        raise NoJsonError(f"only {long_list.key} may be as long")
    value = loaded(outside)
    if isinstance(value, dict) and value.get(long_list.key) == []:
        value[long_list.key] = found
    return value, outside


def parsed_elements(splitter: Splitter) -> list[object]:
    """The values of the elements that are whole."""
    values = loaded(b"[%b]" % splitter.elements()[:-1].replace(b"\n", b","))
    assert isinstance(values, list)
    return values


def check_length(splitter: Splitter, path: str) -> None:
    """Raise NoJsonError when the element that is not whole yet, at this path, is too long."""
    try:
        splitter.check_length()
    except UnreadableFileError as error:
        raise NoJsonError(f"{path}: {error.message}") from None


def ends_in_comma(body: bytes, end: int) -> bool:
    """Whether a comma is the last before a place, blanks aside."""
    return body[max(0, end - MAX_OUTSIDE_BYTES) : end].rstrip(WHITE).endswith(b",")


def loaded(text: bytes) -> object:
    """The value of JSON. Raises NoJsonError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise NoJsonError("a part of it is not") from None
