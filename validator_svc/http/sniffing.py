"""What a body is whose media type says nothing, told by its beginning where that is certain."""

import re
from typing import Literal

import orjson

Kind = Literal["text", "ndjson", "csv", "file", "array", "form"]

# A form of one line (`type=format&file=...`), which nobody meant to be read as numbers.
FORM = re.compile(rb"[A-Za-z_][\w.\[\]%+-]*=[^\r\n]*")
# A workbook, an archive, gzip, zstd, PDF; bytes that are no UTF-8 come as U+FFFD.
FILE_STARTS = ("PK\x03\x04", "\x1f\ufffd", "(\ufffd/\ufffd", "%PDF-", "\ufffd\ufffd\x11\ufffd")
DELIMITERS = re.compile(r"[,;\t|]")
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")


def kind_of(beginning: str) -> Kind:
    """What the body is, given its first lines. Text is what cannot be told from a number a line."""
    line = next((line for line in beginning.split("\n") if line.strip()), "")
    if line.startswith(FILE_STARTS):
        return "file"
    if line.lstrip().startswith("["):
        return "array"
    if is_json_object(line):
        return "ndjson"
    if is_form(beginning.encode("utf-8", "replace")):
        return "form"
    return "csv" if is_csv(line) else "text"


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
