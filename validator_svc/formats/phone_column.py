"""Which column holds the phone numbers: the one whose cells are numbers; names tell of the doubtful ones."""

from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.formats.column_names import Meaning, meaning_of
from validator_svc.formats.number_like import is_explicit, looks_like_number
from validator_svc.numbering import reading

MIN_NUMBER_SHARE = 0.5
# Cells of a column whose validity is looked at: to tell columns apart it takes no more.
CELLS_READ = 60
# How much a cell speaks for its column. Digits alone may be a number abroad or an id; the name tells.
VALID = 1.0
DIGITS_ALONE = {Meaning.PHONE: 1.0}
DIGITS_ALONE_ELSEWHERE = 0.5
LOOKS_LIKE = {Meaning.PHONE: 0.8}
LOOKS_LIKE_ELSEWHERE = 0.4
# A name decides between columns that are about equally full of numbers.
NAME_WEIGHT = {Meaning.PHONE: 1.2, Meaning.OTHER: 0.5}


class Rank(NamedTuple):
    """How much speaks for a column; the greater the better."""

    evidence: float
    meaning: Meaning
    place: int
    """Minus its index: of equal columns the first."""


def find_column(names: Sequence[str], rows: Sequence[Sequence[str]], region_code: str | None) -> int | None:
    """The index of the phone column; None when no column has numbers, or the name of such a column.

    `rows` are a sample without its header, `names` the header; none where there is none. A column of
    valid numbers goes before one of cells that look like numbers, and of those that have as many the
    one that is named for phone numbers.
    """
    width = max(len(names), max(map(len, rows), default=0))
    alike = [[cell for cell in column_of(rows, at) if looks_like_number(cell)] for at in range(width)]
    meanings = [meaning_of(names[at]) if at < len(names) else Meaning.NEUTRAL for at in range(width)]
    candidates = [
        at for at in range(width) if alike[at] and is_full(alike[at], column_of(rows, at), meanings[at])
    ]
    if len(candidates) > 1:
        ranks = [Rank(evidence(alike[at], meanings[at], region_code), meanings[at], -at) for at in candidates]
        return -max(ranks).place
    named = [at for at in range(width) if meanings[at] is Meaning.PHONE]
    return next(iter([*candidates, *named]), None)


def column_of(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """The cells of a column that are not blank."""
    return [row[at] for row in rows if at < len(row) and row[at].strip()]


def is_full(alike: Sequence[str], cells: Sequence[str], meaning: Meaning) -> bool:
    """Whether enough of the cells look like numbers; of a column named for them any will do."""
    return meaning is Meaning.PHONE or len(alike) >= len(cells) * MIN_NUMBER_SHARE


def evidence(alike: Sequence[str], meaning: Meaning, region_code: str | None) -> float:
    """How much speaks for a column, by those of its cells that look like numbers."""
    read = alike[:CELLS_READ]
    total = sum(weight_of(cell, meaning, region_code) for cell in read)
    return total / len(read) * len(alike) * NAME_WEIGHT.get(meaning, 1.0)


def weight_of(cell: str, meaning: Meaning, region_code: str | None) -> float:
    """How much a cell that looks like a number speaks for its column."""
    if not reading.is_valid(reading.read(cell, region_code)):
        return LOOKS_LIKE.get(meaning, LOOKS_LIKE_ELSEWHERE)
    if region_code is not None or is_explicit(cell):
        return VALID
    return DIGITS_ALONE.get(meaning, DIGITS_ALONE_ELSEWHERE)
