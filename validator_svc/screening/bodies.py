"""Bodies of requests, of whatever they come as: JSON, a form, the cells of a file."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

import orjson

from validator_svc.screening.shape import FEW_BRACKETS, is_too_deep
from validator_svc.screening.system import Body, Parameter, System

MOST_FIELDS = 200
SHORT = 250
BOOLEANS = {"true": True, "false": False}


class UnreadableError(Exception):
    """What cannot be read as a request; the message says what was expected."""


def of_json(text: bytes) -> Body:
    """The body in a JSON object. Raises UnreadableError."""
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise UnreadableError("expected a JSON object in UTF-8") from None
    if type(body) is not dict:
        raise UnreadableError("expected a JSON object")
    # Nothing shorter can be nested so deep that it has to be looked at.
    if len(text) > SHORT and text.count(b"{") + text.count(b"[") > FEW_BRACKETS and is_too_deep(body):
        raise UnreadableError("expected objects and arrays that are not nested so deep")
    # The last of equal names counts here; another reader may take the first. A quote before a colon may
    # stand in a text too, or with spaces between, so that is only a reason to look closer.
    names = text.count(b'":')
    if (names != len(body) and names != names_in(body)) or b"\\u" in text:
        json.loads(text, object_pairs_hook=once_each)
    return body


def names_in(body: Body) -> int:
    """How many names there are in a body, and in the objects that are in it."""
    count = len(body)
    for value in body.values():
        if type(value) is dict:
            count += len(value)
    return count


def once_each(pairs: list[tuple[str, Any]]) -> None:
    """Raise UnreadableError when a name comes twice in an object."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise UnreadableError("expected each name once, one was given more often")


def of_form(text: bytes, system: System) -> Body:
    """The body in a form (`application/x-www-form-urlencoded`). Raises UnreadableError."""
    pieces = [piece for piece in text.split(b"&") if piece.strip()]
    if len(pieces) > MOST_FIELDS:
        raise UnreadableError(f"expected at most {MOST_FIELDS} fields")
    body: Body = {}
    for piece in pieces:
        try:
            halves = piece.decode("ascii").strip().partition("=")[::2]
            name, value = (unquote_plus(half, errors="strict") for half in halves)
        except UnicodeError:
            raise UnreadableError("expected percent-encoded UTF-8") from None
        parameter = system.parameters.get(name)
        if parameter is not None and parameter.kind == "array":
            body.setdefault(name, []).append(value)
        elif name in body:
            raise UnreadableError("expected each field once, one was given more often")
        else:
            body[name] = value
    return body


def as_form(body: Body) -> Body:
    """The fields of a form as they came in JSON: their values are texts there too."""
    return {name: as_text(value) for name, value in body.items()}


def as_text(value: Any) -> Any:
    """A value as a form has it; what no form can have stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def of_cells(columns: Iterable[str], cells: Iterable[str], system: System) -> Body:
    """The body in a row of a file: columns are named as parameters are, an empty cell is nothing given.

    What has no parameter's name is the file's own business.
    """
    body: Body = {}
    for name, cell in zip(columns, cells, strict=False):
        parameter = system.parameters.get(name.strip())
        if parameter is None or not cell.strip():
            continue
        part = body
        for each in parameter.path[:-1]:
            part = part.setdefault(each, {})
            if not isinstance(part, dict):
                break
        else:
            part[parameter.path[-1]] = value_of(parameter, cell.strip(), system.is_form)
    return body


def value_of(parameter: Parameter, cell: str, is_form: bool) -> Any:
    """A cell as the value that its parameter has; as the text that it is where it cannot be one."""
    if parameter.kind == "array":
        return elements_of(cell)
    if is_form or parameter.kind == "string":
        return cell
    if parameter.kind == "boolean":
        return BOOLEANS.get(cell.lower(), cell)
    if parameter.kind == "number" and cell.isascii() and cell.isdigit() and len(cell) < 16:
        return int(cell)
    return cell


def elements_of(cell: str) -> Any:
    """The elements of a list in a cell: a JSON array, or with spaces between."""
    try:
        return orjson.loads(cell) if cell.startswith("[") else cell.split()
    except orjson.JSONDecodeError:
        return cell
