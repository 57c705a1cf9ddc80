"""Clean CSV: its rows and columns are found on its bytes, at the speed of searching, without parsing it.

Clean is UTF-8 in which every quote begins a cell, ends one, or is doubled inside one, and in which rows
end in LF or CRLF. Then what stands between every second quote is inside cells, and the rest is plain:
each line end there ends a row, each delimiter a cell. The last row needs no end.
"""

import csv
import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

from validator_svc.formats.lines import MAX_LINE

QUOTE = b'"'
# Rows that are read or written in one go: meanwhile no other thread runs, nor the event loop.
SLICE = 500
# Stands for a line end inside a cell; in the rare segment that has it already, rows are parsed.
MARK = b"\0"

# The csv module has one limit for the whole process; nothing else in it reads CSV.
csv.field_size_limit(MAX_LINE)


def plain_of(data: bytes) -> bytes:
    """Clean CSV with one quote in place of whatever stands in quotes, itself included."""
    return QUOTE.join(data.split(QUOTE)[::2])


def plain_rows(data: bytes) -> list[bytes]:
    """The rows of clean CSV, without their ends, with one quote for whatever stands in quotes."""
    return split_rows(plain_of(data))


def column_of(data: bytes, delimiter: str, index: int) -> list[str]:
    """The cells of one column, as well-formed Unicode; empty where a row has none."""
    separator = delimiter.encode()
    rows = plain_rows(data)
    try:
        cells = [row.split(separator, index + 1)[index] for row in rows]
    except IndexError:
        parts = (row.split(separator, index + 1) for row in rows)
        cells = [part[index] if index < len(part) else b"" for part in parts]
    column = b"\n".join(cells)
    if QUOTE in column:
        return [well_formed(row[index]) if index < len(row) else "" for row in parsed_rows(data, delimiter)]
    return column.decode("utf-8", "replace").split("\n")


def rows_of(data: bytes, delimiter: str) -> list[bytes]:
    """Each row as it stands there, without its end."""
    parts = data.split(QUOTE)
    inside = QUOTE.join(parts[1::2])
    if b"\n" not in inside:
        return split_rows(data)
    if MARK in data:
        return written_rows(parsed_rows(data, delimiter), delimiter)
    parts[1::2] = inside.replace(b"\n", MARK).split(QUOTE)
    rows = split_rows(QUOTE.join(parts))
    return [row.replace(MARK, b"\n") if MARK in row else row for row in rows]


def split_rows(text: bytes) -> list[bytes]:
    """The rows of text in which every line end ends one."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    return text.removesuffix(b"\n").split(b"\n")


def parsed_rows(data: bytes, delimiter: str) -> list[list[str]]:
    """The cells of each row; bytes that are not UTF-8 come as lone surrogates (PEP 383)."""
    lines = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[list[str]] = []
    while part := list(islice(reader, SLICE)):
        rows += part
    return rows


def written_rows(rows: Sequence[Sequence[Any]], delimiter: str) -> list[bytes]:
    """Each row as clean CSV, without its end; lone surrogates as the bytes that they stand for."""
    # The csv module calls `write` once a row, and quotes a line break only when its own line end has it.
    written: list[str] = []
    writer = csv.writer(Sink(written), delimiter=delimiter, lineterminator="\r\n")
    for start in range(0, len(rows), SLICE):
        writer.writerows(rows[start : start + SLICE])
    return [row[:-2].encode("utf-8", "surrogateescape") for row in written]


def joined_rows(rows: Sequence[bytes]) -> bytes:
    """Rows as clean CSV."""
    return b"".join([row + b"\r\n" for row in rows])


class Sink:
    """Takes what a csv writer writes."""

    def __init__(self, written: list[str]) -> None:
        self.write = written.append


def well_formed(text: str) -> str:
    """The text with U+FFFD for bytes that were not UTF-8, and for what no UTF-8 has."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
