"""An XLSX workbook: its first sheet that has rows, as CSV."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from validator_svc.batches.errors import UnreadableFileError

# A sheet is held as a whole while it is read; a row takes some ten times its share of this.
MAX_EXPANDED_BYTES = 200 * 1024 * 1024
MAX_PACKED_BYTES = 64 * 1024 * 1024
MAX_CELLS = 6_000_000

Cell = int | float | str | bool | time | date | datetime | timedelta


def csv_of(file: BinaryIO) -> Iterator[bytes]:
    """The rows of the sheet as CSV in UTF-8, some at a time; `file` must be seekable.

    Raises UnreadableFileError for what is not a workbook, is protected by a password, has no rows, or
    is too large to be held. Macros and formulas are not run: a cell has the value last shown.
    """
    check_size(file)
    try:
        workbook = load_workbook(file)
        sheet = first_with_rows(workbook)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableFileError(
            "the workbook cannot be read; is it protected by a password, or not an XLSX?"
        ) from None
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in sheet.iter_rows():
        writer.writerow([text_of(cell) for cell in row])
        if text.tell() > 64 * 1024:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def check_size(file: BinaryIO) -> None:
    """Add up what the archive says of itself; it may lie, so it is checked against the packed size too."""
    try:
        with zipfile.ZipFile(file) as archive:
            expanded = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableFileError("the file is no XLSX workbook, or is cut short") from None
    if expanded > MAX_EXPANDED_BYTES:
        raise UnreadableFileError(
            f"the workbook expands to over {MAX_EXPANDED_BYTES // 2**20} MiB; expected less, or CSV"
        )
    file.seek(0)


def first_with_rows(workbook: CalamineWorkbook) -> CalamineSheet:
    """The first sheet that has rows. Raises UnreadableFileError when none has, or one is too large."""
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height * sheet.width > MAX_CELLS:
            raise UnreadableFileError(f"a sheet has over {MAX_CELLS:,} cells; expected fewer, or CSV")
        if sheet.height:
            return sheet
    raise UnreadableFileError("the workbook has no rows")


def text_of(cell: Cell) -> str:
    """A cell's value as text; whole numbers without a fraction, however the sheet shows them."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
