"""Which character separates the cells of a file, found from its first rows."""

import csv
from collections import Counter
from collections.abc import Sequence

DELIMITERS = (",", ";", "\t", "|")
ROWS_TRIED = 200
# Below this share of rows with as many cells as most, a delimiter is just a character of the text.
MIN_AGREEMENT = 0.8


def find_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter by which most rows have the same number of cells, at least two; None when none does.

    `lines` are the first of the file, with their line ends. Between delimiters that fit as well the
    one that makes more cells wins.
    """
    best: tuple[float, int] = (MIN_AGREEMENT, 1)
    found: str | None = None
    for delimiter in DELIMITERS:
        fit = agreement(lines, delimiter)
        if fit > best and fit[1] > 1:
            best, found = fit, delimiter
    return found


def agreement(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """The commonest number of cells in a row, and before it the share of rows that have it."""
    widths = Counter(len(row) for row in sample_rows(lines, delimiter) if row)
    if not widths:
        return 0.0, 0
    width, rows = widths.most_common(1)[0]
    return rows / widths.total(), width


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
