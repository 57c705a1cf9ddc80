"""The rows of CSV (RFC 4180, any delimiter), each with its own bytes, in plain Python."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

QUOTE = '"'

# The csv module has one limit for the whole process; whoever else sets it, sets the same.
csv.field_size_limit(1024 * 1024)


class Row(NamedTuple):
    """One row; bytes that are not UTF-8 are lone surrogates in it (PEP 383)."""

    cells: list[str]
    written: str
    """As it stands in the file, without its line end."""
    delimiter: str

    def cell(self, column: int) -> str:
        """A cell as well-formed Unicode; empty where the row has none."""
        text = self.cells[column] if column < len(self.cells) else ""
        return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def around(self, width: int) -> tuple[bytes, bytes]:
        """What stands before a record, filled up to so many cells, and what stands behind it."""
        cells = max(len(self.cells), 1)
        end = end_of_cells(self.written, self.delimiter, width) if cells > width else len(self.written)
        before = self.written[:end] + self.delimiter * max(width - cells, 0)
        return as_bytes(before), as_bytes(self.written[end:])


def rows_of(block: bytes, delimiter: str, is_last: bool) -> tuple[list[Row], int]:
    """The whole rows at the beginning of a block, and how many bytes they take.

    A CR by itself ends a row, as CRLF and LF do. With `is_last` the last row needs no end, but its
    quotes have to be closed.
    """
    lines = Lines(block.decode("utf-8", "surrogateescape"), is_last)
    rows: list[Row] = []
    reader = csv.reader(lines, delimiter=delimiter)
    taken = 0
    for cells in reader:
        if lines.is_used_up:
            break
        written = "".join(lines.held[taken : reader.line_num])
        taken = reader.line_num
        rows.append(Row(cells, without_end(written), delimiter))
    return rows, len(as_bytes("".join(lines.held[:taken])))


def size_of_rows(block: bytes, delimiter: str, count: int) -> int | None:
    """How many bytes the first so many rows of a block take; None when it has fewer whole ones."""
    lines = Lines(block.decode("utf-8", "surrogateescape"), is_last=False)
    reader = csv.reader(lines, delimiter=delimiter)
    rows = sum(1 for _ in islice(reader, count))
    if rows < count or lines.is_used_up:
        return None
    return len(as_bytes("".join(lines.held[: reader.line_num])))


class Lines:
    """The lines of a block for a csv reader; knows when it was asked for one too many: inside a row."""

    def __init__(self, text: str, is_last: bool) -> None:
        if not is_last:
            # An LF may follow a CR that is the last character.
            text = text[: max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1]
        self._lines = io.StringIO(text, newline="")
        self.held: list[str] = []
        """Those that were asked for so far."""
        self.is_used_up = False

    def __iter__(self) -> Iterator[str]:
        # One by one, in Python: half a million of them in one go would keep all other threads waiting.
        for line in self._lines:
            self.held.append(line)
            yield line
        self.is_used_up = True


def without_end(written: str) -> str:
    """A row without the line end behind it."""
    return written.removesuffix("\n").removesuffix("\r")


def end_of_cells(written: str, delimiter: str, count: int) -> int:
    """Where the first so many cells of a row end, as the csv module sees it."""
    at = 0
    for _ in range(count):
        at = end_of_cell(written, delimiter, at) + 1
    return at - 1


def end_of_cell(written: str, delimiter: str, start: int) -> int:
    """Where the cell that begins at `start` ends."""
    at = start
    while written[at : at + 1] == QUOTE:
        closing = written.find(QUOTE, at + 1)
        if closing < 0:
            return len(written)
        at = closing + 1
    end = written.find(delimiter, at)
    return len(written) if end < 0 else end


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
