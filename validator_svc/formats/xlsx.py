"""Results as an XLSX workbook: every cell is text, so that nothing is rounded and nothing is a formula."""

import re
import zipfile
from collections.abc import Sequence
from typing import IO, BinaryIO, Literal

from validator_svc.formats.clean_csv import parsed_rows, well_formed
from validator_svc.formats.errors import UnwritableError
from validator_svc.formats.layout import Layout
from validator_svc.formats.result_columns import joined, result_columns
from validator_svc.formats.xlsx_parts import BOLD, SHEET_END, TEXT, around, sheet_path, sheet_start
from validator_svc.kernel.rendering import cells_of
from validator_svc.numbering.facts import RequestType

# What a sheet, a row and a cell hold: Excel specifications and limits.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL = 32_767
WIDTH = 18
# Rows that are made XML of in one go; half a megabyte of it.
SLICE = 250
# Fast: the XML of a table shrinks to a twentieth at any level.
LEVEL = 1

# Stand between cells and between rows until the XML does; in the rare text that has them cells go one by one.
CELL_END, ROW_END = "\x1e", "\x1f"
# What XML 1.0 does not hold, or reads as another character, is written by its number between `_x` and `_`
# (ECMA-376, 22.9.2.19), and so is an underscore that would make it that.
SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
CONTROLS = bytes([*range(9), *range(11, 30)])
"""Bytes that XML does not hold, but for those that end cells and rows."""


class XlsxWriter:
    """Writes a workbook, the file's own columns first, as its rows come: memory does not grow.

    More rows than a sheet holds go on in another sheet, below the names of the columns once more.
    """

    def __init__(self, file: BinaryIO, layout: Layout, request_type: RequestType) -> None:
        self._columns = layout.columns
        self._delimiter = layout.delimiter
        self._names = [*layout.columns, *result_columns(layout.columns, request_type)]
        self._sink = Sink(file)
        self._book = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)  # type: ignore[call-overload]
        self._sheet: IO[bytes] | None = None
        self._sheets = 0
        self._rows = 0

    def begin(self) -> None:
        """Write the names of the columns."""
        self._new_sheet()

    def write(self, cells: bytes | None, lines: bytes) -> None:
        """Write rows with their results. Raises UnwritableError, OSError."""
        records = lines.splitlines()
        width = len(self._columns)
        own = [[""] * width] * len(records) if cells is None else parsed_rows(cells, self._delimiter)
        for start in range(0, len(records), SLICE):
            results = [cells_of(line) for line in records[start : start + SLICE]]
            pairs = zip(own[start : start + SLICE], results, strict=True)
            self._write_rows([joined(row, result, width) for row, result in pairs])

    def end(self) -> None:
        """Write what stands after the last row. Raises OSError."""
        self._end_sheet()
        for name, text in around(self._sheets).items():
            self._book.writestr(name, text)
        self._book.close()

    def close(self) -> None:
        """Let go of the workbook, ended or not."""
        self._sink.is_open = False
        if self._sheet is not None:
            self._sheet.close()
        self._book.close()

    def _write_rows(self, rows: Sequence[Sequence[str]]) -> None:
        while rows:
            if self._rows == MAX_ROWS:
                self._new_sheet()
            fitting = rows[: MAX_ROWS - self._rows]
            self._write_xml(rows_as_xml(fitting, TEXT))
            self._rows += len(fitting)
            rows = rows[len(fitting) :]

    def _new_sheet(self) -> None:
        self._end_sheet()
        self._sheets += 1
        # Where it ends it may be over 4 GiB.
        self._sheet = self._book.open(sheet_path(self._sheets), "w", force_zip64=True)
        self._write_xml(sheet_start(len(self._names), WIDTH) + rows_as_xml([self._names], BOLD))
        self._rows = 1

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._write_xml(SHEET_END)
            self._sheet.close()
            self._sheet = None

    def _write_xml(self, xml: str) -> None:
        assert self._sheet is not None
        self._sheet.write(xml.encode())


class Sink:
    """Takes what an archive writes, from the first byte to the last; nothing more once it is not open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.is_open = True

    def write(self, data: bytes) -> int:
        """Write on. Raises OSError."""
        return self._file.write(data) if self.is_open else len(data)

    def flush(self) -> None:
        """Nothing is held here."""

    def seekable(self) -> Literal[False]:
        """It is not, so that the file may be a pipe."""
        return False


def rows_as_xml(rows: Sequence[Sequence[str]], style: int) -> str:
    """Rows of a sheet; at least one. Raises UnwritableError for what a sheet does not hold."""
    text = ROW_END.join([CELL_END.join(row) for row in rows])
    check_size(rows, text)
    has_ends = text.count(CELL_END) + text.count(ROW_END) >= sum(map(len, rows))
    if has_ends or not is_plain(text):
        text = ROW_END.join([CELL_END.join(map(plain, row)) for row in rows])
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Without this XML's readers drop blanks at the ends of a cell.
    start = f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    end = "</t></is></c>"
    text = text.replace(CELL_END, end + start).replace(ROW_END, f"{end}</row><row>{start}")
    return f"<row>{start}{text}{end}</row>".replace(start + end, "<c/>")


def check_size(rows: Sequence[Sequence[str]], text: str) -> None:
    """Raise UnwritableError for a row, or a cell, that is too long; `text`: all of them."""
    if max(map(len, rows)) > MAX_COLUMNS or (
        len(text) > MAX_CELL and max(max(map(len, row)) for row in rows) > MAX_CELL
    ):
        raise UnwritableError(
            f"a row has over {MAX_COLUMNS:,} cells, or one of over {MAX_CELL:,} characters,"
            " which XLSX does not hold; expected fewer, or another format: csv"
        )


def is_plain(text: str) -> bool:
    """Whether XML holds rows as they are, but for `&`, `<` and `>`."""
    if "_x" in text or "\ufffe" in text or "\uffff" in text:
        return False
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return False
    return len(data.translate(None, CONTROLS)) == len(data)


def plain(text: str) -> str:
    """A cell without what XML does not hold."""
    text = text if text.isascii() else well_formed(text)
    return SPECIAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
