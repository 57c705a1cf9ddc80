"""Results as they are written: NDJSON, or CSV with the file's own columns before ours.

Both take finished NDJSON lines, the form in which results come from the classifier.
"""

import csv
from collections.abc import Sequence
from itertools import repeat
from typing import Any, BinaryIO, Protocol, get_args, get_type_hints

import orjson

from validator_svc.batches import excel
from validator_svc.batches.layout import Layout
from validator_svc.batches.rows import Chunk
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.record import Record, cell, fields_of

BOOLEAN_CELL = {value: cell(value) for value in (None, True, False)}
COLLISION_PREFIX = "validation_"


class ResultWriter(Protocol):
    """Writes the results of a file, chunk after chunk."""

    def begin(self) -> None:
        """Write what stands before the first result."""

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the results of a chunk: `lines` has one NDJSON record for each of its rows, in order."""


class NdjsonWriter:
    """Writes the records themselves, one JSON object a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self) -> None:
        """Nothing stands before the first record."""

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the records."""
        self._file.write(lines)


class CsvWriter:
    """Writes CSV in UTF-8, with the delimiter and the line end of the file read.

    First the file's own columns, cell for cell as they came, then the record's fields; a header
    always, `column_1`, ... standing for names that the file did not have. A row with too few cells is
    filled up with empty ones; cells beyond the last column come after the results, so that these
    keep their place. With `for_excel` every cell is guarded (see `excel`), and a byte order mark goes
    before all.
    """

    def __init__(
        self, file: BinaryIO, layout: Layout, request_type: RequestType, for_excel: bool = False
    ) -> None:
        self._file = file
        self._columns = layout.columns
        self._fields = result_columns(layout.columns, request_type)
        self._boolean_fields = boolean_fields(request_type)
        self._for_excel = for_excel
        self._line_end = layout.line_end
        # The csv module quotes a line break only when its own line end contains it: hence CRLF here,
        # and rows taken one by one to get the end they should have.
        self._rows = RowSink()
        self._csv = csv.writer(self._rows, delimiter=layout.delimiter, lineterminator="\r\n")

    def begin(self) -> None:
        """Write the header."""
        if self._for_excel:
            self._file.write(excel.BYTE_ORDER_MARK)
        self._write_rows([[*self._columns, *self._fields]])

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the rows of a chunk with their results."""
        # A line break in a JSON string is escaped, so every one here ends a record.
        records = orjson.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
        results = [self._result_cells(record) for record in records]
        width = len(self._columns)
        own = repeat([""] * width, len(results)) if chunk.cells is None else chunk.cells
        self._write_rows([joined(cells, result, width) for cells, result in zip(own, results, strict=True)])

    def _result_cells(self, record: dict[str, Any]) -> list[Any]:
        # The csv module writes null as it should be; only booleans need a word of ours.
        cells = list(record.values())
        for at in self._boolean_fields:
            cells[at] = BOOLEAN_CELL[cells[at]]
        return cells

    def _write_rows(self, rows: list[list[Any]]) -> None:
        if self._for_excel:
            rows = [excel.guarded_row(row) for row in rows]
        self._csv.writerows(rows)
        text = self._rows.take(self._line_end)
        self._file.write(text.encode("utf-8", "surrogateescape"))


class RowSink:
    """Takes what a csv writer writes, one row a call, each ending in CRLF."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self.write = self._rows.append

    def take(self, line_end: str) -> str:
        """All rows since the last call, with that line end."""
        rows = self._rows
        text = "".join(rows if line_end == "\r\n" else [row[:-2] + line_end for row in rows])
        rows.clear()
        return text


def boolean_fields(request_type: RequestType) -> tuple[int, ...]:
    """Which of a record's fields hold true, false or null."""
    types = get_type_hints(Record)
    return tuple(
        at
        for at, name in enumerate(fields_of(request_type))
        if types[name] is bool or bool in get_args(types[name])
    )


def joined(cells: Sequence[str], result: Sequence[Any], width: int) -> list[Any]:
    """One row: its own cells, filled up to `width`, the result, then its cells beyond that."""
    if len(cells) == width:
        return [*cells, *result]
    return [*cells[:width], *[""] * (width - len(cells)), *result, *cells[width:]]


def result_columns(columns: Sequence[str], request_type: RequestType) -> list[str]:
    """The names of the result columns; prefixed, as often as it takes, where the file has the name."""
    taken = set(columns)
    names: list[str] = []
    for name in fields_of(request_type):
        while name in taken:
            name = COLLISION_PREFIX + name
        taken.add(name)
        names.append(name)
    return names
