"""One line of NDJSON: the number on it, and its other values as cells."""

import json
from collections.abc import Sequence
from typing import Any

import orjson

PHONE_KEY = "phone_number"


def value_of(line: str) -> Any:
    """The JSON value of a line with its numbers as they are written; None when it is not JSON (or null).

    That goes for a bare number and for those of an object's own keys: `6.28123E+11` has lost digits and
    must be seen to, a float would hide it.
    """
    try:
        value = orjson.loads(line)
        if is_number(value):
            return line.strip()
        if isinstance(value, dict) and any(map(is_number, value.values())):
            written = json.loads(line, parse_float=str, parse_int=str)
            return {key: written[key] if is_number(v) else v for key, v in value.items()}
        return value
    except (ValueError, RecursionError):
        return None


def is_number(value: Any) -> bool:
    """Whether it was a number in JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_of(value: Any, key: str) -> str | None:
    """The number in a value: a string (or number), or that of an object's `key`; None when there is none."""
    if isinstance(value, dict):
        value = value.get(key)
    return value if isinstance(value, str) else None


def keys_of(value: Any) -> Sequence[str]:
    """The keys of an object; none for other values."""
    return tuple(value) if isinstance(value, dict) else ()


def cells_of(line: str, value: Any, columns: Sequence[str], key: str) -> list[str]:
    """A line as cells under `columns`, so that nothing of it is lost.

    What has no column comes in one more cell: keys that the sample did not have as a JSON object,
    a line that cannot be read as it is. A bare string stands in the column of the phone number.
    """
    if isinstance(value, str) and key in columns:
        value = {key: value}
    if not isinstance(value, dict):
        kept = [] if isinstance(value, str) or not line.strip() else [line]
        return [*([""] * len(columns)), *kept]
    cells = [cell_of(value.get(column)) for column in columns]
    if len(value) > len(columns) or not value.keys() <= set(columns):
        cells.append(json.dumps({k: v for k, v in value.items() if k not in columns}, ensure_ascii=False))
    return cells


def cell_of(value: Any) -> str:
    """A JSON value as a cell: a string as it is, null empty, everything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
