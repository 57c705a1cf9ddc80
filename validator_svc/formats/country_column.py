"""Which column of a file looks like the country of each row, for those who did not name it."""

import contextlib
from collections.abc import Sequence
from itertools import islice

from validator_svc.formats.clean_csv import parsed_rows
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Layout
from validator_svc.formats.rows import NumberFile, row_blocks_of
from validator_svc.formats.sample import BLOCK_BYTES
from validator_svc.numbering.countries import UNKNOWN, region_of
from validator_svc.numbering.country_names import column_words, words_of

MOST_ROWS = 200
MIN_SHARE = 0.8


def country_column(layout: Layout, cells: bytes) -> str | None:
    """The name of the column, given rows of the file as clean CSV; None when none looks like that."""
    return find_country_column(layout.columns, parsed_rows(cells, layout.delimiter), phone_column(layout))


def sampled_country_column(numbers: NumberFile) -> str | None:
    """The name of the column in a file that was opened, by its sample; None when none looks like that."""
    layout, sample = numbers.layout, numbers.sample
    blocks = (sample[start : start + BLOCK_BYTES] for start in range(0, len(sample), BLOCK_BYTES))
    rows: list[list[str]] = []
    # The sample may end within a row.
    with contextlib.suppress(UnreadableFileError):
        for block in row_blocks_of(blocks, layout, with_cells=True):
            rows += block.cells or []
            if len(rows) >= MOST_ROWS:
                break
    return find_country_column(layout.columns, rows, phone_column(layout))


def phone_column(layout: Layout) -> int | None:
    """The place of the phone column; None when the numbers are in none."""
    if layout.format == "csv":
        return layout.phone_column
    return layout.columns.index(layout.phone_key) if layout.phone_key in layout.columns else None


def find_country_column(
    columns: Sequence[str], rows: Sequence[Sequence[str]], phone_column: int | None
) -> str | None:
    """The column most of whose cells are countries; one that is named for them before others."""
    found: list[tuple[bool, float, int]] = []
    for at, name in enumerate(columns):
        if at == phone_column or is_of_other_codes(name):
            continue
        is_named = is_country_name(name)
        cells = [row[at] for row in islice(rows, MOST_ROWS) if at < len(row) and row[at].strip()]
        known = sum(is_country(cell, with_digits=is_named) for cell in cells)
        if known and known >= len(cells) * MIN_SHARE:
            found.append((is_named, known / len(cells), -at))
    return columns[-max(found)[2]] if found else None


def is_country_name(name: str) -> bool:
    """Whether a column is called after countries: `Country`, `country_code`, `billingCountry`, `Land`."""
    words = words_of(name[:100])
    return not column_words().country.isdisjoint(words) or any("country" in word for word in words)


def is_of_other_codes(name: str) -> bool:
    """Whether a column is called after what has codes like those of countries: languages, states."""
    return not column_words().other.isdisjoint(words_of(name[:100])) and not is_country_name(name)


def is_country(cell: str, with_digits: bool) -> bool:
    """Whether a cell is a country; digits alone, which any column may hold, only `with_digits`."""
    is_telling = with_digits or any(map(str.isalpha, cell)) or cell.lstrip().startswith("+")
    return is_telling and region_of(cell, "") not in (None, UNKNOWN)
