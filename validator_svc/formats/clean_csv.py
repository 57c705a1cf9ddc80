"""Clean CSV: its rows and columns are found on its bytes, at the speed of searching, without parsing it.

Clean is UTF-8 in which every quote begins a cell, ends one, or is doubled inside one, and in which rows
end in LF or CRLF. Then what stands between every second quote is inside cells, and the rest is plain:
each line end there ends a row, each delimiter a cell. The last row needs no end.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from validator_svc.formats.lines import MAX_LINE

QUOTE = b'"'
# So much is taken apart in one go: meanwhile no other thread runs, nor the event loop.
PIECE_BYTES = 64 * 1024
# Stands for a line end inside a cell; in the rare segment that has it already, rows are parsed.
MARK = b"\0"

# The csv module has one limit for the whole process; nothing else in it reads CSV.
csv.field_size_limit(MAX_LINE)


def plain_of(data: bytes) -> bytes:
    """Clean CSV with one quote in place of whatever stands in quotes, itself included."""
    if QUOTE not in data:
        return data
    return b"".join(
        [
            QUOTE.join([b"", *parts[1::2]] if is_inside else parts[::2])
            for is_inside, parts in split_at_quotes(data)
        ]
    )


def split_at_quotes(data: bytes) -> Iterator[tuple[bool, list[bytes]]]:
    """What stands between the quotes, a piece at a time, and whether a piece begins inside of two."""
    is_inside = False
    for start in range(0, len(data), PIECE_BYTES):
        parts = data[start : start + PIECE_BYTES].split(QUOTE)
        yield is_inside, parts
        is_inside ^= len(parts) % 2 == 0


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
    if QUOTE not in data:
        return split_rows(data)
    marked = b"".join([marked_piece(is_inside, parts) for is_inside, parts in split_at_quotes(data)])
    if MARK in data:
        return split_rows(data) if marked == data else written_rows(parsed_rows(data, delimiter), delimiter)
    return [row.replace(MARK, b"\n") if MARK in row else row for row in split_rows(marked)]


def marked_piece(is_inside: bool, parts: list[bytes]) -> bytes:
    """A piece that was split at its quotes, with a mark for each line end that stands inside a cell."""
    first = 0 if is_inside else 1
    inside = QUOTE.join(parts[first::2])
    if b"\n" in inside:
        parts[first::2] = inside.replace(b"\n", MARK).split(QUOTE)
    return QUOTE.join(parts)


def split_rows(text: bytes) -> list[bytes]:
    """The rows of text in which every line end ends one."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    return text.removesuffix(b"\n").split(b"\n")


def parsed_rows(data: bytes, delimiter: str) -> list[list[str]]:
    """The cells of each row; bytes that are not UTF-8 come as lone surrogates (PEP 383)."""
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline="")
    # Row by row: all in one call would keep the interpreter from other threads for as long.
    return [row for row in csv.reader(lines, delimiter=delimiter)]  # noqa: C416


def written_rows(rows: Sequence[Sequence[Any]], delimiter: str) -> list[bytes]:
    """Each row as clean CSV, without its end; lone surrogates as the bytes that they stand for."""
    # The csv module calls `write` once a row, and quotes a line break only when its own line end has it.
    written: list[str] = []
    writer = csv.writer(Sink(written), delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow(row)
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
