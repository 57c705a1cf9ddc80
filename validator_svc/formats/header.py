"""Where the table in a file begins: which row is its header, and what stands before it."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from validator_svc.formats.column_names import is_phone_name
from validator_svc.formats.number_like import looks_like_number

# Titles, notes and blank rows that reports have over their table are fewer.
MOST_BEFORE = 40
# Tells a spreadsheet the delimiter. Programs that saved it again have quoted it, or put delimiters after it.
SEP = re.compile(r'"?sep=(?P<delimiter>[^\w\s"\'=]|\t|\\t)"?[,;\t|]*\s*', re.IGNORECASE)

Rows = Sequence[Sequence[str]]


def sep_delimiter(lines: Sequence[str]) -> tuple[str | None, int]:
    """The delimiter that the first line that is not blank names (`sep=;`), and how many rows that takes."""
    for at, line in enumerate(lines[:MOST_BEFORE]):
        if found := SEP.fullmatch(line.lstrip("\ufeff")):
            return found["delimiter"].replace("\\t", "\t"), at + 1
        if line.strip():
            break
    return None, 0


def find_header(rows: Rows, column: str | None, has_header: bool | None, start: int = 0) -> int | None:
    """The index of the row that names the columns; None when the rows begin without one.

    It is the first row that looks like the header of what follows it; titles and blank rows may stand
    before it. `column` is a name or a number that the caller gives, `has_header` what the caller
    knows, `start` the first row that can be it.
    """
    if has_header is False:
        return None
    filled = [at for at in range(start, min(len(rows), start + MOST_BEFORE)) if cells_of(rows[at])]
    if not filled:
        return None
    before_data = rows_before_data(rows, filled)
    if column is not None and (named := first_with(rows, before_data, column)) is not None:
        return named
    found = header_over_table(rows, before_data, usual_width([rows[at] for at in filled]))
    if found is None and (has_header or heads_from_the_top(rows, filled[0])):
        return filled[0]
    return found


def cells_of(row: Sequence[str]) -> list[str]:
    """The cells of a row that are not blank."""
    return [cell for cell in row if cell.strip(" \t\r\n\ufeff\u00a0")]


def rows_before_data(rows: Rows, filled: Sequence[int]) -> list[int]:
    """Which of the rows come before the first that has a number beside other cells."""
    width = usual_width([rows[at] for at in filled])

    def is_data(at: int) -> bool:
        cells = cells_of(rows[at])
        return (len(cells) > 1 or width == 1) and any(map(looks_like_number, cells))

    return list(takewhile(lambda at: not is_data(at), filled))


def first_with(rows: Rows, indices: Sequence[int], column: str) -> int | None:
    """The first of the rows that has this name in a cell."""
    return next((at for at in indices if index_of_name(rows[at], column) is not None), None)


def header_over_table(rows: Rows, indices: Sequence[int], width: int) -> int | None:
    """The first of the rows that names a phone column, or else one that has a name over each column."""
    over: list[list[str]] = []
    unnamed: int | None = None
    last_number = last_row_with_number(rows)
    for at in indices:
        cells = cells_of(rows[at])
        if not any(map(looks_like_number, cells)) and (len(cells) > 1 or width == 1):
            is_first = at == indices[0]
            if any(map(is_phone_name, cells)) and (is_first or names_numbers(rows, at)):
                return at if all(is_title(each, cells) for each in over) else unnamed
            is_over_numbers = at < last_number and names_columns(rows[at], width)
            if unnamed is None and is_over_numbers and all(map(is_plain_title, over)):
                unnamed = at
        over.append(cells)
    return unnamed


def names_numbers(rows: Rows, at: int) -> bool:
    """Whether a cell of the row is a name of phone columns, with a number somewhere below it."""
    return any(
        is_phone_name(name) and any(looks_like_number(row[i]) for row in rows[at + 1 :] if i < len(row))
        for i, name in enumerate(rows[at])
    )


def is_title(before: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row may stand over this header: it has fewer cells, or nothing in it looks like data."""
    return len(before) < len(header) or not any(map(looks_like_number, before))


def is_plain_title(before: Sequence[str]) -> bool:
    """Whether a row may stand over a header that names no phone column: one cell, and no number in it."""
    return len(before) == 1 and not looks_like_number(before[0])


def names_columns(row: Sequence[str], width: int) -> bool:
    """Whether a row has a name for each column."""
    is_named = len(row) >= width and all(cell.strip() and not cell[0].isdecimal() for cell in row)
    return is_named and not any(map(looks_like_number, row))


def last_row_with_number(rows: Rows) -> int:
    """The index of the last row with a cell that looks like a number; -1 when none has."""
    indices = reversed(range(len(rows)))
    return next((at for at in indices if any(map(looks_like_number, rows[at]))), -1)


def heads_from_the_top(rows: Rows, first: int) -> bool:
    """Whether the first row names some columns at least: it is narrower than the rows, and has no data."""
    cells = cells_of(rows[first])
    if any(looks_like_number(cell) or cell[0].isdecimal() for cell in cells):
        return False
    if any(map(is_phone_name, cells)):
        return True
    has_few = len(cells) == len(rows[first]) < usual_width(rows[first + 1 :])
    return has_few and any(looks_like_number(cell) for row in rows[first + 1 :] for cell in row)


def usual_width(rows: Rows) -> int:
    """The commonest number of cells in the rows that are not blank; of equally common ones the greater."""
    widths = Counter(len(row) for row in rows if cells_of(row))
    return max(widths, key=lambda width: (widths[width], width), default=1)


def index_of_name(columns: Sequence[str], name: str) -> int | None:
    """The index of the column that has this name exactly, or else but for case and blanks around it.

    None for a blank name: it names nothing.
    """
    wanted = folded(name)
    if not wanted:
        return None
    if name in columns:
        return columns.index(name)
    names = [folded(column) for column in columns]
    return names.index(wanted) if wanted in names else None


def folded(name: str) -> str:
    """A name but for case, and blanks and a byte order mark around it."""
    return name.strip("\ufeff \t\r\n\u00a0").casefold()
