"""How much a workbook would take, told from its XML before a library builds rows of it.

This is for a clear message and against waste. What hides from it meets the limits of the process that
reads the workbook, see `workbook_reader`.
"""

import contextlib
import errno
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from validator_svc.formats.errors import UnreadableFileError

MIB = 1024 * 1024
MAX_EXPANDED_BYTES = 200 * MIB
# XML of tables shrinks to a tenth or a twentieth; what shrinks to less than a hundredth was made to.
LEAST_EXPANDED_BYTES, EXPANDED_RATIO = 16 * MIB, 100
MAX_CELLS = 6_000_000
# Places that a sheet has for each cell in it: of a table most are filled.
LEAST_PLACES, PLACES_RATIO = 500_000, 64
LEAST_TEXT_BYTES, TEXT_RATIO = 32 * MIB, 8
MAX_ENTRIES = 10_000
# What Excel's sheets have at most.
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

# What is in an archive that is a workbook: XLSX and XLSB, ODS.
WORKBOOKS = ("xl/", "content.xml")
SHEETS, SHARED_STRINGS = "xl/worksheets/", "xl/sharedstrings.xml"
BLOCK_BYTES = 256 * 1024
# No tag that is looked for is as long: so much of a block is looked at again with the next one.
OVERLAP = 512

COLUMN = re.compile(rb""" r=["']([A-Za-z]{1,12})[0-9]""")
ROW = re.compile(rb""" r=["'][A-Za-z]{0,12}([0-9]{1,20})""")
CELL_ROW = re.compile(rb""" r=["'][A-Za-z]{1,12}([0-9]{1,20})""")
SHARED = re.compile(rb"""<c\b[^>]{0,200}\bt=["']s["'][^>]{0,200}>\s{0,9}<v>([0-9]{1,9})""")


def expanded_size(book: BinaryIO) -> int:
    """How many bytes an archive holds, as it says.

    It may lie; then reading ends there, or the limits of the process end it. Raises UnreadableFileError
    for what is no workbook, OSError.
    """
    with faults_of_archive():
        packed = book.seek(0, 2)
        book.seek(0)
        with zipfile.ZipFile(book) as archive:
            entries = archive.infolist()
    if not any(each.filename.startswith(WORKBOOKS) for each in entries):
        raise UnreadableFileError(
            "the file is a ZIP archive and no XLSX workbook; unpack it, and send what is in it"
        )
    expanded = sum(each.file_size for each in entries)
    if expanded > MAX_EXPANDED_BYTES or len(entries) > MAX_ENTRIES:
        raise UnreadableFileError(
            f"the workbook expands to over {MAX_EXPANDED_BYTES // MIB} MiB; expected less, or CSV"
        )
    if expanded > LEAST_EXPANDED_BYTES + EXPANDED_RATIO * packed:
        raise UnreadableFileError(
            f"the workbook expands to over {EXPANDED_RATIO} times its size; expected one that a"
            " spreadsheet program has written, or CSV"
        )
    return expanded


def check_sheets(book: BinaryIO, expanded: int, most_columns: int) -> None:
    """Raise UnreadableFileError for sheets that would take far more than they are: see `check_sheet`.

    Raises OSError too.
    """
    book.seek(0)
    with faults_of_archive(), zipfile.ZipFile(book) as archive:
        names = archive.namelist()
        strings = [name for name in names if name.lower() == SHARED_STRINGS]
        lengths = [size for name in strings for size in lengths_of(blocks_of(archive, name))]
        sheets = [name for name in names if name.lower().startswith(SHEETS) and name.endswith(".xml")]
        for name in sheets:
            check_sheet(blocks_of(archive, name), lengths, expanded, most_columns)


@contextlib.contextmanager
def faults_of_archive() -> Iterator[None]:
    """Raise UnreadableFileError where an archive is at fault, and OSError where the disk is that it is on."""
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, OSError) as error:
        # The library says of a disk that fails at the end of the archive that this is none.
        cause = error.__context__ if isinstance(error, zipfile.BadZipFile) else error
        # An archive may lead to places before its beginning.
        if isinstance(cause, OSError) and cause.errno != errno.EINVAL:
            raise cause from None
        raise UnreadableFileError("the file is no XLSX workbook, or is cut short") from None


def check_sheet(blocks: Iterator[bytes], lengths: list[int], expanded: int, most_columns: int) -> None:
    """Raise UnreadableFileError for a sheet with cells out of bounds, wide apart, or of too much text.

    `lengths`: of the workbook's shared strings, in bytes.
    """
    width = height = cells = 0
    longest = max(lengths, default=0)
    shared = Counter[bytes]()
    for block in blocks:
        width = max([width, *map(column_number, set(COLUMN.findall(block)))])
        row = max(map(int, ROW.findall(block)), default=0)
        if row > MAX_ROW or width > MAX_COLUMN:
            raise UnreadableFileError(
                f"a sheet has a cell beyond row {MAX_ROW:,} or column {MAX_COLUMN:,}, where no sheet has any"
            )
        height = max(height, max(map(int, CELL_ROW.findall(block)), default=0) if row > height else height)
        cells += block.count(b"<c ") + block.count(b"<c>")
        if longest * cells > LEAST_TEXT_BYTES:
            shared.update(SHARED.findall(block))
    places = max(LEAST_PLACES, PLACES_RATIO * cells)
    check_spread(height, width, min(places, MAX_CELLS), most_columns)
    text = sum(lengths[int(at)] * count for at, count in shared.items() if int(at) < len(lengths))
    if text > LEAST_TEXT_BYTES + TEXT_RATIO * expanded:
        raise UnreadableFileError(
            f"a sheet's cells hold {text // MIB:,} MiB of text, most of it the same; expected less, or CSV"
        )


def check_spread(height: int, width: int, most_cells: int, most_columns: int) -> None:
    """Raise UnreadableFileError for a sheet of too many columns, or places for cells."""
    if height * width > most_cells:
        raise UnreadableFileError(
            f"a sheet goes on to row {height:,} and column {width:,}, which is room for over"
            f" {most_cells:,} cells; expected fewer (is there a stray one far off?), or CSV"
        )
    if width > most_columns:
        raise UnreadableFileError(f"a sheet has {width:,} columns; expected at most {most_columns:,}")


def column_number(letters: bytes) -> int:
    """The number of a column, from 1, by its letters: `A`, `XFD`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def lengths_of(blocks: Iterator[bytes]) -> Iterator[int]:
    """How many bytes of XML each shared string takes; about."""
    rest = 0
    for block in blocks:
        *ended, begun = block.split(b"</si>")
        for each in ended:
            yield rest + len(each)
            rest = 0
        rest += len(begun)


def blocks_of(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A file of an archive in blocks that end where a tag ends, so that none is cut in two."""
    with archive.open(name) as file:
        rest = b""
        while block := file.read(BLOCK_BYTES):
            block = rest + block
            end = block.rfind(b">", len(block) - OVERLAP) + 1 or len(block)
            rest = block[end:]
            yield block[:end]
        yield rest
