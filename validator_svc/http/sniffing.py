"""What a body is whose media type says nothing, told by its beginning where that is certain."""

import re
from typing import Literal

import orjson

Kind = Literal["text", "ndjson", "csv", "form"]

# A form of one line (`type=format&file=...`), which nobody meant to be read as numbers.
FORM = re.compile(rb"[A-Za-z_][\w.\[\]%+-]*=[^\r\n]*")
DELIMITERS = re.compile(r"[,;\t|]")
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")


def kind_of(beginning: str) -> Kind:
    """What the body is, given its first lines. Text is what cannot be told from a number a line."""
    line = first_line(beginning)
    if is_json_object(line):
        return "ndjson"
    if is_form(beginning.encode("utf-8", "replace")):
        return "form"
    return "csv" if is_csv(line) else "text"


def first_line(beginning: str) -> str:
    """The first line that is not blank."""
    return next((line for line in beginning.split("\n") if line.strip()), "")


def is_array(beginning: str) -> bool:
    """Whether a body begins as a JSON array does."""
    return first_line(beginning).lstrip().startswith("[")


def is_json_object(line: str) -> bool:
    """Whether a line is a whole JSON object."""
    try:
        return line.lstrip().startswith("{") and isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def is_csv(line: str) -> bool:
    """Whether a line has several cells, one of them a word: no number has that."""
    cells = [cell for cell in DELIMITERS.split(line) if cell.strip()]
    return len(cells) > 1 and any(LETTER.search(cell) and not DIGIT.search(cell) for cell in cells)


def is_form(body: bytes) -> bool:
    """Whether a body is the fields of a form, as its type says that curl gives to everything."""
    return FORM.fullmatch(body.strip()) is not None
