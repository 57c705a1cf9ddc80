"""An XLSX workbook: one of its sheets, as CSV."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from validator_svc.formats.delimiter import ROWS_TRIED
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.number_like import looks_like_number

# A sheet is held as a whole while it is read; a row takes some ten times its share of this.
MAX_EXPANDED_BYTES = 200 * 1024 * 1024
MAX_PACKED_BYTES = 64 * 1024 * 1024
MAX_CELLS = 6_000_000
# What is in an archive that is a workbook: XLSX and XLSB, ODS.
WORKBOOKS = ("xl/", "content.xml")

Cell = int | float | str | bool | time | date | datetime | timedelta


def chosen_sheet(blocks: Iterator[bytes], wanted: str | None) -> CalamineSheet:
    """The sheet of a workbook that is wanted by name, or the first visible one that has numbers.

    Of sheets without numbers the first visible one that has rows. `blocks` are the bytes of the
    workbook. Raises UnreadableFileError for what is not a workbook, is protected by a password, has no
    rows, is too large to be held, or has no sheet of that name.
    """
    # A workbook can only be read from its end.
    with tempfile.TemporaryFile() as spool:
        spooled(blocks, spool)
        check_size(spool)
        try:
            workbook = load_workbook(spool)
            return sheet_named(workbook, wanted) if wanted is not None else first_with_numbers(workbook)
        except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
            raise UnreadableFileError(
                "the workbook cannot be read; is it protected by a password, or not an XLSX?"
            ) from None


def spooled(blocks: Iterator[bytes], spool: BinaryIO) -> None:
    """Copy a workbook to where it can be read from its end."""
    for block in blocks:
        spool.write(block)
        if spool.tell() > MAX_PACKED_BYTES:
            raise UnreadableFileError(
                f"the workbook is over {MAX_PACKED_BYTES // 2**20} MiB; expected less, or CSV"
            )
    spool.seek(0)


def csv_of(sheet: CalamineSheet) -> Iterator[bytes]:
    """The rows of a sheet as CSV in UTF-8, some at a time.

    Macros and formulas are not run: a cell has the value last shown.
    """
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
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableFileError("the file is no XLSX workbook, or is cut short") from None
    if not any(name.startswith(WORKBOOKS) for name in names):
        raise UnreadableFileError(
            "the file is a ZIP archive and no XLSX workbook; unpack it, and send what is in it"
        )
    if expanded > MAX_EXPANDED_BYTES:
        raise UnreadableFileError(
            f"the workbook expands to over {MAX_EXPANDED_BYTES // 2**20} MiB; expected less, or CSV"
        )
    file.seek(0)


def sheet_named(workbook: CalamineWorkbook, wanted: str) -> CalamineSheet:
    """The sheet of that name, hidden or not. Raises UnreadableFileError that names those there are."""
    names = worksheets(workbook, visible_only=False)
    folded = [name.strip().casefold() for name in names]
    if wanted in names:
        return sheet_of(workbook, wanted)
    if wanted.strip().casefold() in folded:
        return sheet_of(workbook, names[folded.index(wanted.strip().casefold())])
    listed = ", ".join(repr(name[:40]) for name in names[:30])
    raise UnreadableFileError(f"sheet: there is no sheet {wanted[:40]!r}; the sheets are {listed}")


def first_with_numbers(workbook: CalamineWorkbook) -> CalamineSheet:
    """The first visible sheet that has numbers, or else rows. Raises UnreadableFileError when none has."""
    with_rows: CalamineSheet | None = None
    for name in worksheets(workbook, visible_only=True):
        sheet = sheet_of(workbook, name)
        if sheet.height:
            if has_numbers(sheet):
                return sheet
            with_rows = with_rows or sheet
    if with_rows is None:
        raise UnreadableFileError("the workbook has no rows; hidden sheets are read when named by sheet=")
    return with_rows


def worksheets(workbook: CalamineWorkbook, visible_only: bool) -> list[str]:
    """The names of the sheets that have cells, in their order."""
    return [
        each.name
        for each in workbook.sheets_metadata
        if each.typ is SheetTypeEnum.WorkSheet
        and (not visible_only or each.visible is SheetVisibleEnum.Visible)
    ]


def sheet_of(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    """A sheet. Raises UnreadableFileError when it is too large."""
    sheet = workbook.get_sheet_by_name(name)
    if sheet.height * sheet.width > MAX_CELLS:
        raise UnreadableFileError(f"a sheet has over {MAX_CELLS:,} cells; expected fewer, or CSV")
    return sheet


def has_numbers(sheet: CalamineSheet) -> bool:
    """Whether a cell of the first rows looks like a phone number."""
    rows = islice(sheet.iter_rows(), ROWS_TRIED)
    return any(looks_like_number(text_of(cell)) for row in rows for cell in row)


def text_of(cell: Cell) -> str:
    """A cell's value as text; whole numbers without a fraction, however the sheet shows them."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
