"""Results as they are written: NDJSON, or CSV with the file's own columns before ours.

Both take finished NDJSON lines, the form in which results come from the classifier.
"""

from typing import BinaryIO, Protocol

import orjson

from validator_svc.formats import excel_dialect
from validator_svc.formats.clean_csv import parsed_rows, rows_of, widths_of, written_rows
from validator_svc.formats.layout import Layout
from validator_svc.formats.record_cells import record_cells, values_of
from validator_svc.formats.result_columns import joined, result_columns
from validator_svc.formats.rows import Chunk
from validator_svc.numbering.facts import RequestType


class ResultWriter(Protocol):
    """Writes the results of a file, chunk after chunk."""

    def begin(self) -> None:
        """Write what stands before the first result."""

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the results of a chunk: `lines` has one NDJSON record for each of its rows, in order."""

    def write_clean(self, cells: bytes | None, lines: bytes) -> None:
        """The same, with the rows' own cells as clean CSV (see `clean_csv`); None where they have none."""

    def end(self) -> None:
        """Write what stands after the last result."""

    def close(self) -> None:
        """Let go of what is held, ended or not; the file itself stays open."""


class NdjsonWriter:
    """Writes the records themselves, one JSON object a line."""

    def __init__(self, file: BinaryIO, layout: Layout, request_type: RequestType) -> None:
        self._file = file

    def begin(self) -> None:
        """Nothing stands before the first record."""

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the records."""
        self._file.write(lines)

    def write_clean(self, cells: bytes | None, lines: bytes) -> None:
        """Write the records."""
        self._file.write(lines)

    def end(self) -> None:
        """Nothing stands after the last record."""

    def close(self) -> None:
        """Nothing is held."""


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
        self._for_excel = for_excel
        self._delimiter = layout.delimiter
        self._line_end = layout.line_end.encode()
        self._record_cells = record_cells(layout.delimiter)

    def begin(self) -> None:
        """Write the header."""
        if self._for_excel:
            self._file.write(excel_dialect.BYTE_ORDER_MARK)
        self._write_cells([[*self._columns, *self._fields]])

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the rows of a chunk with their results."""
        width = len(self._columns)
        own = [[""] * width] * lines.count(b"\n") if chunk.cells is None else chunk.cells
        if self._for_excel or any(len(cells) != width for cells in own):
            records = [values_of(orjson.loads(line)) for line in lines.splitlines()]
            rows = zip(own, records, strict=True)
            self._write_cells([joined(cells, result, width) for cells, result in rows])
        else:
            self._write_rows(written_rows(own, self._delimiter), lines)

    def write_clean(self, cells: bytes | None, lines: bytes) -> None:
        """The same, with the rows' own cells as clean CSV (see `clean_csv`); None where they have none."""
        if cells is None:
            self.write(Chunk([], (), None), lines)
        elif self._for_excel or {*widths_of(cells, self._delimiter)} != {len(self._columns)}:
            self.write(Chunk([], (), parsed_rows(cells, self._delimiter)), lines)
        else:
            self._write_rows(rows_of(cells, self._delimiter), lines)

    def end(self) -> None:
        """Nothing stands after the last row."""

    def close(self) -> None:
        """Nothing is held."""

    def _write_cells(self, rows: list[list[str]]) -> None:
        if self._for_excel:
            rows = [excel_dialect.guarded_row(row) for row in rows]
        self._write(written_rows(rows, self._delimiter))

    def _write_rows(self, own: list[bytes], lines: bytes) -> None:
        results = self._record_cells.rows(lines)
        if self._columns:
            results = list(map(self._delimiter.encode().join, zip(own, results, strict=True)))
        self._write(results)

    def _write(self, rows: list[bytes]) -> None:
        self._file.write(self._line_end.join([*rows, b""]))
