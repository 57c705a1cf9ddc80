"""One line of NDJSON: its value, and its values as cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from validator_svc.kernel.ndjson_line import as_written, is_number

PHONE_KEY = "phone_number"


def value_of(line: str) -> Any:
    """The JSON value of a line; None when it is not JSON (or null)."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def keys_of(value: Any) -> Sequence[str]:
    """The keys of an object; none for other values."""
    return tuple(value) if isinstance(value, dict) else ()


def cells_of(line: str, columns: Mapping[str, str], key: str) -> list[str]:
    """A line as cells under `columns` (each with an empty cell), so that nothing of it is lost.

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
    return [*columns.values(), line]


def object_cells(line: str, value: dict[str, Any], columns: Mapping[str, str]) -> list[str]:
    """The values of the object on a line under `columns`, and what has no column in one more cell."""
    written = as_written(line) if any(map(is_number, value.values())) else value
    cells = [cell_of(value.get(column), written.get(column, "")) for column in columns]
    if not value.keys() <= columns.keys():
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
