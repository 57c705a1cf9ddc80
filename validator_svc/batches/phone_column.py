"""Which column holds the phone numbers: by its name in any of many languages, or by its content."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from validator_svc.numbering import reading

CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORD = re.compile(r"e164|(?:[^\W\d_]|[\u0900-\u0dff\u0e00-\u0e7f])+")
NUMBER_LIKE = re.compile(r"\D{0,12}\d(?:[^\w\n]{0,4}\d){5,19}(?:\D{1,12}\d{1,6})?\W{0,12}")
MIN_NUMBER_SHARE = 0.5


class ColumnNames(NamedTuple):
    """What columns are called, see data/phone_column_names.toml; words run together, see `words_of`."""

    phone: frozenset[str]
    whole: frozenset[str]
    other: frozenset[str]


@cache
def column_names() -> ColumnNames:
    """The table, read at its first use."""
    data = (
        resources.files("validator_svc.batches").joinpath("data/phone_column_names.toml").read_text("utf-8")
    )
    table = tomllib.loads(data)
    return ColumnNames(
        phone=run_together([name for names in table["phone"].values() for name in names]),
        whole=run_together(table["whole"]["names"]),
        other=run_together(table["other"]["words"]),
    )


def run_together(names: Sequence[str]) -> frozenset[str]:
    """Each name as its words without anything between them."""
    return frozenset("".join(words_of(name)) for name in names)


def is_phone_name(name: str) -> bool:
    """Whether a column of this name holds phone numbers: `Phone`, `customer_mobile`, `Téléphone 2`."""
    words = words_of(name)
    names = column_names()
    if not words or looks_like_number(name) or not names.other.isdisjoint(words):
        return False
    return "".join(words) in names.phone | names.whole or not names.phone.isdisjoint(words)


def words_of(name: str) -> list[str]:
    """The words of a column's name, without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", CAMEL_HUMP.sub(" ", name[:200]))
    plain = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return WORD.findall(unicodedata.normalize("NFC", plain).casefold())


def looks_like_number(cell: str) -> bool:
    """Whether a cell could be a phone number: 6 to 20 digits, with what may stand between them."""
    return NUMBER_LIKE.fullmatch(cell.strip()) is not None


def count_valid(rows: Sequence[Sequence[str]], column: int, region_code: str | None) -> int:
    """How many of the rows have a valid number in that column."""
    cells = (row[column] for row in rows if column < len(row))
    return sum(looks_like_number(c) and reading.is_valid(reading.read(c, region_code)) for c in cells)


def column_by_name(
    columns: Sequence[str], rows: Sequence[Sequence[str]], region_code: str | None
) -> int | None:
    """The index of the column named for phone numbers, of several the one with most valid numbers."""
    candidates = [index for index, name in enumerate(columns) if is_phone_name(name)]
    return max(candidates, key=lambda index: count_valid(rows, index, region_code), default=None)


def column_by_content(rows: Sequence[Sequence[str]], region_code: str | None) -> int | None:
    """The index of the column with most valid numbers, at least half of its cells looking like one.

    `rows` are a sample without its header; None when no column is like that.
    """
    best, found = 0, None
    for column in range(max(map(len, rows), default=0)):
        cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
        if sum(map(looks_like_number, cells)) < len(cells) * MIN_NUMBER_SHARE:
            continue
        valid = count_valid(rows, column, region_code)
        if valid > best:
            best, found = valid, column
    return found
