"""Which character separates the cells of a file, found from its first rows."""

import csv
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.formats.column_names import is_phone_name
from validator_svc.formats.header import find_header
from validator_svc.formats.width import MOST_COLUMNS

DELIMITERS = (",", ";", "\t", "|")
ROWS_TRIED = 200
# Below this share of rows with as many cells as most, a delimiter is just a character of the text.
MIN_AGREEMENT = 0.8


class Fit(NamedTuple):
    """How well a delimiter fits; the greater the better."""

    names_phone: bool
    """The first row of the table names a phone column."""
    start: int
    """Minus the number of rows before the table, where its first row names a phone column; else 0."""
    agreement: float
    """Share of the rows that have the commonest number of cells."""
    width: int
    """The number of cells of the widest of the first row and the commonest rows."""


def find_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter of a file whose first lines, with their ends, are these; None when it has none.

    The header's names tell it, or else that most rows have the same number of cells, at least
    two; between delimiters that fit as well the one that makes more cells.
    """
    fits = {delimiter: fit_of(sample_rows(lines, delimiter)) for delimiter in DELIMITERS}
    best = max(fits, key=lambda delimiter: fits[delimiter])
    is_found = fits[best].names_phone or fits[best].agreement >= MIN_AGREEMENT
    return best if is_found and fits[best].width > 1 else None


def fit_of(rows: Sequence[Sequence[str]]) -> Fit:
    """How well the delimiter fits that gave these rows; titles over the table do not count."""
    header = find_header(rows, None, None)
    start = header or 0
    table = [row for row in rows[start:] if row]
    if not table:
        return Fit(False, 0, 0.0, 0)
    names_phone = any(map(is_phone_name, table[0]))
    # A header may name fewer columns than there are.
    is_short = header is not None and not names_phone and len(table) > 1
    widths = Counter(map(len, table[1:] if is_short else table))
    width, agreeing = widths.most_common(1)[0]
    names_phone = names_phone and len(table[0]) > 1
    if names_phone:
        width = max(width, len(table[0]))
    # Rows of one cell agree on nothing: the delimiter is not in them.
    agreement = agreeing / widths.total() if width > 1 else 0.0
    return Fit(names_phone, -start if names_phone else 0, agreement, width)


def sample_rows(lines: Sequence[str], delimiter: str, most_cells: int = MOST_COLUMNS + 1) -> list[list[str]]:
    """The first rows of a file as cells; fewer where a row cannot be read, which reading will report.

    Of a row the first `most_cells`: of what has that many another one is as good as any.
    """
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append(row[:most_cells])
            if len(rows) == ROWS_TRIED:
                break
    except csv.Error:
        pass
    return rows
