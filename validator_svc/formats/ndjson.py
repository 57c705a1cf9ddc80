"""One line of NDJSON: the number on it, and its other values as cells."""

import json
from collections.abc import Sequence
from typing import Any

import orjson

PHONE_KEY = "phone_number"


def value_of(line: str) -> Any:
    """The JSON value of a line; None when it is not JSON (or null)."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def text_of(line: str, key: str) -> str | None:
    """The number on a line: a string or number, or that of an object's `key`; None when there is none.

    A number is taken as it is written: `6.28123E+11` has lost digits and must be seen to, a float would
    hide it. A blank line is an empty number.
    """
    value = value_of(line) if line.strip() else ""
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


def keys_of(value: Any) -> Sequence[str]:
    """The keys of an object; none for other values."""
    return tuple(value) if isinstance(value, dict) else ()


def cells_of(line: str, columns: Sequence[str], key: str) -> list[str]:
    """A line as cells under `columns`, so that nothing of it is lost.

    What has no column comes in one more cell: keys that the sample did not have as a JSON object,
    a line that is no JSON or an array as it is. A bare string or number stands in the number's column.
    """
    value = value_of(line) if line.strip() else ""
    if is_number(value):
        value = line.strip()
    if isinstance(value, str):
        value = {key: value} if key in columns else {}
    if value is None and line.strip() == "null":
        value = {}
    if isinstance(value, dict):
        try:
            return object_cells(line, value, columns)
        except orjson.JSONEncodeError:
            # It can read deeper nesting than it can write.
            pass
    return [*([""] * len(columns)), line]


def object_cells(line: str, value: dict[str, Any], columns: Sequence[str]) -> list[str]:
    """The values of the object on a line under `columns`, and what has no column in one more cell."""
    written = as_written(line) if any(map(is_number, value.values())) else value
    cells = [cell_of(value.get(column), written.get(column, "")) for column in columns]
    if not value.keys() <= set(columns):
        cells.append(as_json({key: v for key, v in value.items() if key not in columns}))
    return cells


def cell_of(value: Any, written: Any) -> str:
    """A JSON value as a cell: strings and numbers as they are written, null empty, the rest as JSON."""
    if isinstance(value, str):
        return value
    if is_number(value):
        return str(written)
    return "" if value is None else as_json(value)


def as_json(value: Any) -> str:
    """A value as JSON, not escaped beyond need."""
    return orjson.dumps(value).decode()
