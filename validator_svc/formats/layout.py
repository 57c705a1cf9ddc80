"""What a file of numbers looks like: its format, and for CSV its delimiter, header and phone column."""

import difflib
import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import orjson

from validator_svc.formats.column_names import is_phone_name
from validator_svc.formats.delimiter import ROWS_TRIED, find_delimiter, sample_rows
from validator_svc.formats.encoding import encoding_of
from validator_svc.formats.errors import Option, UnreadableFileError
from validator_svc.formats.header import find_header, index_of_name, sep_delimiter
from validator_svc.formats.json_array import is_json_array
from validator_svc.formats.lines import whole_lines
from validator_svc.formats.ndjson import PHONE_KEY, keys_of, value_of
from validator_svc.formats.one_line import separator_of
from validator_svc.formats.phone_column import find_column
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.text_formats import FORMAT_BY_ENDING, Format
from validator_svc.formats.width import MOST_COLUMNS, check_columns


class Hints(NamedTuple):
    """What the caller knows of a file; everything may be left to be found out."""

    name: str = ""
    """File name; its ending tells the format."""
    column: str | None = None
    """The phone column by its name or by its number, counted from 1; for NDJSON the objects' key."""
    region_code: str | None = None
    """Region in which numbers without calling code are read, ISO 3166-1 alpha-2."""
    has_header: bool | None = None
    """Whether the first row of a CSV file names the columns."""
    encoding: str | None = None
    """A character encoding, as Python names it."""
    charset: str | None = None
    """What the sender's program says of the encoding; a byte order mark is believed before it."""
    sheet: str | None = None
    """Which sheet of a workbook."""
    container: str | None = None
    """The name of the format that the text was made from; see `input_formats`."""
    most_columns: int = MOST_COLUMNS
    """How many columns, or keys, a file may have."""


class Layout(NamedTuple):
    """How to read a file."""

    format: Format
    encoding: str
    columns: tuple[str, ...] = ()
    """Names of the file's own columns; `column_1`, ... where a CSV file has no header; none for text."""
    delimiter: str = ","
    has_header: bool = False
    rows_before: int = 0
    """Rows of CSV that stand before the header, or else before the first row: titles, blanks, `sep=;`."""
    phone_column: int = 0
    """Index of the phone column in a row of CSV, from 0."""
    phone_key: str = PHONE_KEY
    """Key of the phone number in an object of NDJSON."""
    line_end: str = "\n"
    separator: str | None = None
    """What stands between the numbers of a text that has all on one line."""
    container: str | None = None
    """The name of the format that the text was made from; None for what is text itself."""
    sheet: str | None = None
    """The sheet, of a workbook."""

    @property
    def is_tab_separated(self) -> bool:
        """Whether its cells, and those of results as CSV, are parted by tabs."""
        return self.delimiter == "\t"


def find_layout(file: SampledFile, hints: Hints) -> Layout:
    """Find out how to read the file, from its name, its sample and what the caller says.

    Raises UnreadableFileError when it is empty, not text, of another format, only a header, has no
    column of the name given, or no column that holds phone numbers.
    """
    encoding = encoding_of(file, hints.encoding, hints.charset)
    layout = layout_of(sample_lines(file, encoding), file.is_whole, encoding, hints)
    return layout._replace(container=hints.container, sheet=hints.sheet)


def layout_of(lines: Sequence[str], is_whole: bool, encoding: str, hints: Hints) -> Layout:
    """The same, from the lines of the sample."""
    kind = FORMAT_BY_ENDING.get(PurePath(hints.name).suffix.lower())
    content = [line for line in lines if line.strip()]
    if kind == "ndjson" or (kind is None and content and is_json(content[0])):
        return ndjson_layout(content, encoding, hints)
    if content and is_json_array(content[0]):
        raise UnreadableFileError("this is a JSON array; expected CSV, NDJSON or a number a line", 1)
    if is_whole and len(content) == 1 and hints.column is None and hints.has_header is None:
        separator = separator_of(content[0], hints.region_code)
        if separator is not None:
            return Layout("text", encoding, separator=separator)
    delimiter, start = sep_delimiter(lines)
    if delimiter is None:
        delimiter = find_delimiter(lines)
        is_table = kind == "csv" or delimiter is not None or hints.column is not None
        if not is_table and not names_one_column(content, hints):
            return Layout("text", encoding)
    return csv_layout(lines, encoding, delimiter or ",", hints, start)


def sample_lines(file: SampledFile, encoding: str) -> list[str]:
    """The lines of the sample with their ends, without the last one where the sample may cut it."""
    text = "".join(whole_lines([file.sample], encoding, "replace", translate=False))
    lines = list(io.StringIO(text, newline=""))
    return lines if file.is_whole or len(lines) == 1 else lines[:-1]


def is_json(line: str) -> bool:
    """Whether a line is a JSON object or string; a bare number is as well a line of text."""
    return line.lstrip().startswith(("{", '"')) and value_of(line) is not None


def names_one_column(content: Sequence[str], hints: Hints) -> bool:
    """Whether the lines of a file of one column begin with its name, perhaps after a title."""
    rows = [[line.strip()] for line in content[:ROWS_TRIED]]
    header = find_header(rows, None, hints.has_header)
    return header is not None and (hints.has_header is True or is_phone_name(rows[header][0]))


def ndjson_layout(content: Sequence[str], encoding: str, hints: Hints) -> Layout:
    """NDJSON: the columns are the keys of the objects in the sample, in order of appearance."""
    values = [value_of(line) for line in content]
    if values and all(isinstance(value, list) for value in values):
        raise UnreadableFileError("the values are arrays; expected strings, numbers or objects", 1)
    columns = tuple(dict.fromkeys(key for value in values for key in keys_of(value)))
    check_columns(len(columns), hints.most_columns)
    return Layout("ndjson", encoding, columns, phone_key=find_phone_key(columns, hints.column))


def find_phone_key(keys: Sequence[str], given: str | None) -> str:
    """The key that holds the number: the one given, `phone_number`, or the first that is named so."""
    if not keys or (given or PHONE_KEY) in keys:
        return given or PHONE_KEY
    found = next(filter(is_phone_name, keys), None)
    if found is None or given:
        raise UnreadableFileError(
            f"no object has the key {given or PHONE_KEY!r}; {listed(keys, True)}{alike(keys, given)}",
            1,
            Option("column", "KEY"),
        )
    return found


def csv_layout(lines: Sequence[str], encoding: str, delimiter: str, hints: Hints, start: int) -> Layout:
    """CSV: header, columns and phone column from the first rows, which begin at `start`."""
    rows = sample_rows(lines, delimiter, most_cells=hints.most_columns + 1)
    header = find_header(rows, hints.column, hints.has_header, start)
    rows_before = start if header is None else header
    body = rows[rows_before:] if header is None else rows[header + 1 :]
    if header is not None and not any(body):
        raise UnreadableFileError("the file is only a header; expected rows after it", header + 1)
    names = [] if header is None else [name.removeprefix("\ufeff") for name in rows[header]]
    columns = columns_of(names, body)
    check_columns(len(columns), hints.most_columns, rows_before + 1)
    phone_column = find_phone_column(columns, body, header is not None, hints)
    return Layout(
        format="csv",
        encoding=encoding,
        columns=columns,
        delimiter=delimiter,
        has_header=header is not None,
        rows_before=rows_before,
        phone_column=phone_column,
        line_end=line_end_of(lines),
    )


def columns_of(names: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of all columns: those in the header, and `column_3`, ... where it has fewer than the rows.

    With a header only as many as most rows have: single rows may be longer by mistake.
    """
    widths = sorted(len(row) for row in body if row) or [1]
    width = max(len(names), widths[(len(widths) - 1) // 2]) if names else widths[-1]
    return (*names, *(f"column_{n}" for n in range(len(names) + 1, width + 1)))


def find_phone_column(
    columns: Sequence[str], body: Sequence[Sequence[str]], has_header: bool, hints: Hints
) -> int:
    """The index of the phone column: the one given, or found by its cells and its name."""
    if hints.column is not None:
        return given_column(columns, has_header, hints.column)
    cut = [row[: len(columns)] for row in body]
    found = find_column(columns if has_header else (), cut, hints.region_code)
    if found is None and len(columns) == 1:
        found = 0
    if found is None:
        raise UnreadableFileError(
            f"no phone column found; {listed(columns, has_header)}", 1, column_option(has_header)
        )
    return found


def given_column(columns: Sequence[str], has_header: bool, given: str) -> int:
    """The index of the column that the caller names, or whose number it is."""
    named = index_of_name(columns, given) if has_header else None
    if named is not None:
        return named
    if given.isascii() and given.isdecimal() and 1 <= int(given[:9]) <= len(columns):
        return int(given) - 1
    raise UnreadableFileError(
        f"there is no column {given!r}; {listed(columns, has_header)}{alike(columns, given, has_header)}",
        1,
        column_option(has_header),
    )


def listed(columns: Sequence[str], has_header: bool) -> str:
    """The columns for a message. Without a header there are no names, and cells are nobody's business."""
    if not has_header:
        return f"expected its number, 1 to {len(columns)}"
    names = orjson.dumps([name[:40] for name in columns[:30]]).decode()
    return f"the columns are {names[1:-1]}{' ...' if len(columns) > 30 else ''}"


def column_option(has_header: bool) -> Option:
    """How the phone column is said: by its name, where columns have names."""
    return Option("column", "NAME" if has_header else "NUMBER")


def alike(names: Sequence[str], given: str | None, has_names: bool = True) -> str:
    """Which of the names looks like the one that is missing, or else like that of a phone column."""
    if not has_names:
        return ""
    near = difflib.get_close_matches((given or "").casefold(), [name.casefold() for name in names], n=1)
    found = next((name for name in names if near and name.casefold() == near[0]), None)
    found = found or next(filter(is_phone_name, names), None)
    return "" if found is None else f"; did you mean {found[:40]!r}?"


def line_end_of(lines: Sequence[str]) -> str:
    """The line end of the first line; LF when it has none."""
    first = lines[0] if lines else ""
    return next((end for end in ("\r\n", "\n", "\r") if first.endswith(end)), "\n")
