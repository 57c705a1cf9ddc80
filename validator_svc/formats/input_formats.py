"""The formats in which numbers are read: one table for every place that takes files.

Three of them are text that the kernel reads: CSV, NDJSON, a number a line. Any other one is a function that
makes one of these of it, block by block.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from validator_svc.formats.compression import ZIP
from validator_svc.formats.json_array import array_elements
from validator_svc.formats.layout import Hints
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.text_formats import CSV, NDJSON, TEXT, TSV, Format
from validator_svc.formats.workbook import StillWanted, blocks_of, read_sheet


class TextRows(NamedTuple):
    """A file of another format as text."""

    blocks: Iterator[bytes]
    """In UTF-8."""
    format: Format
    """What this text is."""
    sheet: str | None = None
    """The name of the sheet, of a file that has some."""


MakeRows = Callable[[SampledFile, Hints, StillWanted], TextRows | None]
"""The rows of a file; None for a file of another format, which is left unread. Raises UnreadableFileError."""


class InputFormat(NamedTuple):
    """A format of files of numbers."""

    name: str
    """What `read_as` calls it."""
    endings: tuple[str, ...]
    """What names of such files end in."""
    media_types: frozenset[str]
    is_told: bool = True
    """Whether a file is of it that has the ending or the media type; else its content tells."""
    rows: MakeRows | None = None
    """None for text that is read as it is."""
    starts: tuple[bytes, ...] = ()
    """What files of it begin with, and no text does."""
    has_sheets: bool = False


def workbook_rows(file: SampledFile, hints: Hints, still_wanted: StillWanted) -> TextRows | None:
    """A sheet of a workbook as CSV."""
    if not file.sample.startswith(ZIP):
        return None
    sheet = read_sheet(file.blocks(), hints.sheet, hints.most_columns, still_wanted)
    return TextRows(blocks_of(sheet.rows), "csv", sheet.name)


def array_rows(file: SampledFile, hints: Hints, still_wanted: StillWanted) -> TextRows | None:
    """A JSON array as NDJSON."""
    elements = array_elements(file, hints.encoding, hints.charset)
    return None if elements is None else TextRows(elements, "ndjson")


XLSX = InputFormat(
    "xlsx",
    (".xlsx", ".xlsm"),
    # Of these Windows has one for files of CSV too, where Excel is installed.
    frozenset(
        {
            "application/vnd.ms-excel",
            "application/msexcel",
            "application/x-msexcel",
            "application/x-excel",
            "application/excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel.sheet.macroenabled.12",
        }
    ),
    is_told=False,
    rows=workbook_rows,
    starts=ZIP,
    has_sheets=True,
)
JSON = InputFormat(
    "json",
    (".json",),
    frozenset({"application/json", "text/json", "text/x-json", "application/x-json"}),
    is_told=False,
    rows=array_rows,
)

INPUT_FORMATS = (
    XLSX,
    JSON,
    *(
        InputFormat(each.name, each.endings, each.media_types, each.is_told)
        for each in (CSV, TSV, NDJSON, TEXT)
    ),
)


def rows_of(
    file: SampledFile, hints: Hints, still_wanted: StillWanted
) -> tuple[InputFormat, TextRows] | None:
    """The format of a file that text is made of, and that text; None for what is read as it is."""
    for each in INPUT_FORMATS:
        if each.rows is not None and (hints.sheet is None or each.has_sheets):
            rows = each.rows(file, hints, still_wanted)
            if rows is not None:
                return each, rows
    return None


def format_of_media_type(media_type: str) -> InputFormat | None:
    """The format that a media type, in lower case, stands for; None for one that is not known."""
    return next((each for each in INPUT_FORMATS if media_type in each.media_types), None)
