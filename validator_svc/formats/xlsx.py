"""Results as an XLSX workbook: every cell is text, so that nothing is rounded and nothing is a formula."""

import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, BinaryIO

import orjson

from validator_svc.formats.clean_csv import parsed_rows, well_formed
from validator_svc.formats.errors import UnwritableError
from validator_svc.formats.layout import Layout
from validator_svc.formats.record_cells import values_of
from validator_svc.formats.result_columns import joined, result_columns
from validator_svc.formats.rows import Chunk
from validator_svc.numbering.facts import RequestType

# What a sheet, a row and a cell hold: Excel specifications and limits.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL = 32_767
WIDTH = 18


class XlsxWriter:
    """Writes a workbook, the file's own columns first; all of it when it ends.

    Its rows wait on the disk, so that memory does not grow. More rows than a sheet holds go on in
    another sheet, below the names of the columns once more.
    """

    def __init__(self, file: BinaryIO, layout: Layout, request_type: RequestType) -> None:
        # Only here, as it takes longer to import than most runs to run.
        from xlsxwriter import Workbook

        self._columns = layout.columns
        self._delimiter = layout.delimiter
        self._names = [*layout.columns, *result_columns(layout.columns, request_type)]
        self._folder = tempfile.TemporaryDirectory(prefix="validator-xlsx-")
        self._book: Any = Workbook(file, {"constant_memory": True, "tmpdir": self._folder.name})
        self._book.use_zip64()
        # As text, too, when somebody edits it.
        self._text = self._book.add_format({"num_format": "@"})
        self._bold = self._book.add_format({"num_format": "@", "bold": True})
        self._sheet: Any = None
        self._rows = MAX_ROWS

    def begin(self) -> None:
        """Write the names of the columns."""
        self._new_sheet()

    def write(self, chunk: Chunk, lines: bytes) -> None:
        """Write the rows of a chunk with their results. Raises UnwritableError, OSError."""
        self._write(chunk.cells, lines)

    def write_clean(self, cells: bytes | None, lines: bytes) -> None:
        """The same, with the rows' own cells as clean CSV (see `clean_csv`); None where they have none."""
        self._write(None if cells is None else parsed_rows(cells, self._delimiter), lines)

    def end(self) -> None:
        """Write the workbook. Raises OSError."""
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None

    def close(self) -> None:
        """Let go of what waits on the disk."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._folder.cleanup()

    def _write(self, cells: Sequence[Sequence[str]] | None, lines: bytes) -> None:
        records = [values_of(orjson.loads(line)) for line in lines.splitlines()]
        width = len(self._columns)
        own = [[""] * width] * len(records) if cells is None else cells
        for row, result in zip(own, records, strict=True):
            if self._rows == MAX_ROWS:
                self._new_sheet()
            self._write_row(joined(row, result, width), self._text)

    def _new_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._names) - 1, WIDTH)
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._rows = 0
        self._write_row(self._names, self._bold)

    def _write_row(self, cells: Iterable[str], style: Any) -> None:
        write, row = self._sheet.write_string, self._rows
        for column, text in enumerate(cells):
            if text and write(row, column, shown(text), style):
                raise UnwritableError(
                    f"a row has over {MAX_COLUMNS:,} cells, or one of over {MAX_CELL:,} characters,"
                    " which XLSX does not hold; expected fewer, or another format: csv"
                )
        self._rows += 1


def shown(text: str) -> str:
    """A cell as it is given to the library, which takes text in `<r>` and `</r>` for XML of its own."""
    text = text if text.isascii() else well_formed(text)
    if text.startswith("<r>") and text.endswith("</r>"):
        return f'<r><t xml:space="preserve">{escape(text)}</t></r>'
    return text
