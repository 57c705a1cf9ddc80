"""One line of NDJSON: the number on it."""

import json
from typing import Any

import orjson


def text_of(line: str, key: str) -> str | None:
    """The number on a line: a string or number, or that of an object's `key`; None when there is none.

    A number is taken as it is written: `6.28123E+11` has lost digits and must be seen to, a float would
    hide it. A blank line is an empty number.
    """
    if not line.strip():
        return ""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, dict):
        value = as_written(line).get(key) if is_number(value.get(key)) else value.get(key)
    elif is_number(value):
        value = line.strip()
    return value if isinstance(value, str) else None


def is_number(value: Any) -> bool:
    """Whether it was a number in JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_written(line: str) -> dict[str, Any]:
    """The JSON object of a line, with all numbers as strings, digit for digit.

    Empty for one nested so deep that only orjson can read it.
    """
    try:
        value: dict[str, Any] = json.loads(line, parse_float=str, parse_int=str)
    except RecursionError:
        return {}
    return value
