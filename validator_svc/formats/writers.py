"""Results as they are written: NDJSON, or CSV with the file's own columns before ours.

Both take finished NDJSON lines, the form in which results come from the classifier.
"""

from typing import BinaryIO, Protocol

from validator_svc.formats import excel_dialect
from validator_svc.formats.clean_csv import parsed_rows, written_rows
from validator_svc.formats.layout import Layout
from validator_svc.formats.result_columns import joined, result_columns
from validator_svc.kernel.rendering import cells_of, rendered_rows
from validator_svc.numbering.facts import RequestType


class ResultWriter(Protocol):
    """Writes the results of a file, block after block."""

    def begin(self) -> None:
        """Write what stands before the first result."""

    def write(self, cells: bytes | None, lines: bytes) -> None:
        """Write the results of some rows: `lines` has one NDJSON record for each, in order.

        `cells`: their own as clean CSV (see `clean_csv`) with the layout's delimiter; None where they have
        none. Raises UnwritableError, OSError.
        """

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

    def write(self, cells: bytes | None, lines: bytes) -> None:
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
    keep their place. With `for_excel` every cell is guarded (see `excel_dialect`), and a byte order mark goes
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

    def begin(self) -> None:
        """Write the header."""
        if self._for_excel:
            self._file.write(excel_dialect.BYTE_ORDER_MARK)
        self._write_cells([[*self._columns, *self._fields]])

    def write(self, cells: bytes | None, lines: bytes) -> None:
        """Write rows with their results."""
        if self._for_excel:
            self._write_cells(self._joined(cells, lines))
            return
        width, line_end = len(self._columns), self._line_end.decode()
        own = cells if width else None
        self._file.write(rendered_rows(lines, own, self._delimiter, width, line_end))

    def end(self) -> None:
        """Nothing stands after the last row."""

    def close(self) -> None:
        """Nothing is held."""

    def _joined(self, cells: bytes | None, lines: bytes) -> list[list[str]]:
        """Each row with its result."""
        results, width = [cells_of(line) for line in lines.splitlines()], len(self._columns)
        own = [[""] * width] * len(results) if cells is None else parsed_rows(cells, self._delimiter)
        return [joined(row, result, width) for row, result in zip(own, results, strict=True)]

    def _write_cells(self, rows: list[list[str]]) -> None:
        if self._for_excel:
            rows = [excel_dialect.guarded_row(row) for row in rows]
        self._file.write(self._line_end.join([*written_rows(rows, self._delimiter), b""]))
