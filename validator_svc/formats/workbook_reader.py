"""One sheet of a workbook as CSV: a process of its own, so that no workbook can harm another one.

Run by `workbook`: the workbook on standard input, the rows on standard output, and on the last line of
standard error a JSON object with the `sheet` that was read, or an `error` for the owner of the file. What
the library that reads it does with broken ones (panics, endless loops, all memory) ends this process only.
It imports little, as it is started for each workbook.
"""

import csv
import errno
import io
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO, cast

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.number_like import looks_like_number
from validator_svc.formats.workbook_checks import MAX_CELLS, check_sheets, check_spread, expanded_size

MIB = 1024 * 1024
# What a sheet takes is some times its XML: a cell of 25 bytes there is held in two forms, text beside.
LEAST_MEMORY, MEMORY_RATIO = 256 * MIB, 12
LEAST_CPU_S, CPU_MIB_A_SECOND = 10, 2.5
# Rows that are looked at for numbers when a sheet is chosen.
ROWS_TRIED = 200

CANNOT_BE_READ = "the workbook cannot be read; is it protected by a password, or not an XLSX?"

Cell = int | float | str | bool | time | date | datetime | timedelta


def main() -> None:
    """Read what is on standard input. Arguments: the most columns, then the sheet where one is wanted."""
    most_columns, wanted = int(sys.argv[1]), next(iter(sys.argv[2:]), None)
    # The file came with its position at the beginning, as it has to.
    with open(0, "rb", closefd=False) as book, open(1, "wb", closefd=False) as rows:
        said = outcome(book, rows, wanted, most_columns)
    print("\n" + json.dumps(said), file=sys.stderr)


def outcome(book: BinaryIO, rows: BinaryIO, wanted: str | None, most_columns: int) -> dict[str, object]:
    """What there is to say of a workbook whose rows were written, or could not be."""
    try:
        bound(0)
        expanded = expanded_size(book)
        bound(expanded)
        check_sheets(book, expanded, most_columns)
        sheet = chosen_sheet(book, wanted, most_columns)
        write_csv(sheet, rows)
        return {"sheet": sheet.name}
    except UnreadableFileError as error:
        return {"error": error.message}
    except MemoryError:
        return {"error": "the workbook takes too much memory; expected a smaller one, or CSV"}
    except OSError as error:
        # An archive may lead to places before its beginning; all else is the fault of the disk.
        return {"error": CANNOT_BE_READ} | ({} if error.errno == errno.EINVAL else {"errno": error.errno})
    except BaseException as error:
        # What panics in Rust is no Exception.
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return {"error": CANNOT_BE_READ}


def bound(expanded: int) -> None:
    """Limit memory and time to what a workbook of that size, its XML in bytes, takes."""
    for what, most in (
        (resource.RLIMIT_AS, LEAST_MEMORY + MEMORY_RATIO * expanded),
        (resource.RLIMIT_CPU, LEAST_CPU_S + int(expanded / MIB / CPU_MIB_A_SECOND)),
        (resource.RLIMIT_FSIZE, LEAST_MEMORY + MEMORY_RATIO * expanded),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def chosen_sheet(book: BinaryIO, wanted: str | None, most_columns: int) -> CalamineSheet:
    """The sheet of that name, or the first visible one that has numbers.

    Of sheets without numbers the first visible one that has rows. Raises UnreadableFileError for what is
    protected by a password, has no rows, is too large, or has no sheet of that name.
    """
    book.seek(0)
    try:
        workbook = load_workbook(cast(Any, book))
        name = None if wanted is None else name_of(workbook, wanted)
        if name is not None:
            return sheet_of(workbook, name, most_columns)
        return first_with_numbers(workbook, most_columns)
    except (CalamineError, zipfile.BadZipFile, ValueError):
        raise UnreadableFileError(CANNOT_BE_READ) from None


def write_csv(sheet: CalamineSheet, rows: BinaryIO) -> None:
    """Write the rows of a sheet as CSV in UTF-8.

    Macros and formulas are not run: a cell has the value last shown.
    """
    text = io.TextIOWrapper(rows, "utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    for row in sheet.iter_rows():
        writer.writerow([text_of(cell) for cell in row])
    text.flush()
    text.detach()


def name_of(workbook: CalamineWorkbook, wanted: str) -> str:
    """The sheet meant by a name, hidden or not. Raises UnreadableFileError that names those there are."""
    names = worksheets(workbook, visible_only=False)
    folded = [name.strip().casefold() for name in names]
    if wanted in names:
        return wanted
    if wanted.strip().casefold() in folded:
        return names[folded.index(wanted.strip().casefold())]
    listed = ", ".join(repr(name[:40]) for name in names[:30])
    raise UnreadableFileError(f"sheet: there is no sheet {wanted[:40]!r}; the sheets are {listed}")


def first_with_numbers(workbook: CalamineWorkbook, most_columns: int) -> CalamineSheet:
    """The first visible sheet that has numbers, or else rows. Raises UnreadableFileError when none has."""
    with_rows: CalamineSheet | None = None
    for name in worksheets(workbook, visible_only=True):
        sheet = sheet_of(workbook, name, most_columns)
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


def sheet_of(workbook: CalamineWorkbook, name: str, most_columns: int) -> CalamineSheet:
    """A sheet. Raises UnreadableFileError when it is too large."""
    sheet = workbook.get_sheet_by_name(name)
    check_spread(sheet.height, sheet.width, MAX_CELLS, most_columns)
    return sheet


def has_numbers(sheet: CalamineSheet) -> bool:
    """Whether a cell of the first rows looks like a phone number."""
    rows = islice(sheet.iter_rows(), ROWS_TRIED)
    return any(looks_like_number(text_of(cell)) for row in rows for cell in row)


def text_of(cell: Cell) -> str:
    """A cell's value as text; whole numbers without a fraction, however the sheet shows them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    main()
