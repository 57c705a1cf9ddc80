"""Which character separates the cells of a file, found from its first rows."""

import csv
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.batches.phone_column import is_phone_name

DELIMITERS = (",", ";", "\t", "|")
ROWS_TRIED = 200
# Below this share of rows with as many cells as most, a delimiter is just a character of the text.
MIN_AGREEMENT = 0.8


class Fit(NamedTuple):
    """How well a delimiter fits; the greater the better."""

    names_phone: bool
    """The first row names a phone column."""
    agreement: float
    """Share of the rows that have the commonest number of cells."""
    width: int
    """The number of cells of the widest of the first row and the commonest rows."""


def find_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter of a file whose first lines, with their ends, are these; None when it has none.

    The first row's names tell it, or else that most rows have the same number of cells, at least
    two; between delimiters that fit as well the one that makes more cells.
    """
    fits = {delimiter: fit_of(sample_rows(lines, delimiter)) for delimiter in DELIMITERS}
    best = max(fits, key=lambda delimiter: fits[delimiter])
    is_found = fits[best].names_phone or fits[best].agreement >= MIN_AGREEMENT
    return best if is_found and fits[best].width > 1 else None


def fit_of(rows: Sequence[Sequence[str]]) -> Fit:
    """How well the delimiter fits that gave these rows."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return Fit(False, 0.0, 0)
    width, agreeing = widths.most_common(1)[0]
    names_phone = len(rows[0]) > 1 and any(map(is_phone_name, rows[0]))
    if names_phone:
        width = max(width, len(rows[0]))
    # Rows of one cell agree on nothing: the delimiter is not in them.
    return Fit(names_phone, agreeing / widths.total() if width > 1 else 0.0, width)


def sample_rows(lines: Sequence[str], delimiter: str, most: int = ROWS_TRIED) -> list[list[str]]:
    """The first rows of a file as cells; fewer where a row cannot be read, which reading will report."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append(row)
            if len(rows) == most:
                break
    except csv.Error:
        pass
    return rows
