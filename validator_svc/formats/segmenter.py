"""Cutting the rows of a file into segments of one size."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from validator_svc.formats.clean_csv import joined_rows, written_rows
from validator_svc.formats.errors import Option, UnreadableFileError
from validator_svc.formats.header import index_of_name
from validator_svc.formats.layout import Layout, listed
from validator_svc.formats.rows import RowBlock


class Segment(NamedTuple):
    """Some rows in a row, as they are stored."""

    rows: int
    """How many."""
    texts: list[str | None] | None
    """The number of each, None for a line that cannot be read; None for all where `cells` tell them."""
    cells: bytes | None
    """The rows' own cells as clean CSV (see `clean_csv`), without a header; None where they have none."""


def segments_of(blocks: Iterable[RowBlock], segment_rows: int, delimiter: str) -> Iterator[Segment]:
    """The same rows in segments of `segment_rows`, the last one perhaps shorter; cells as CSV at once."""
    texts: list[str | None] = []
    rows: list[bytes] = []
    for block in blocks:
        texts += block.texts
        rows += written_rows(block.cells or [], delimiter)
        start = 0
        while len(texts) - start >= segment_rows:
            end = start + segment_rows
            yield segment_of(texts[start:end], rows[start:end])
            start = end
        if start:
            del texts[:start], rows[:start]
    if texts:
        yield segment_of(texts, rows)


def segment_of(texts: list[str | None], rows: list[bytes]) -> Segment:
    """A segment of rows whose numbers are not just one of their cells; `rows` empty where there are none."""
    return Segment(len(texts), texts, joined_rows(rows) if rows else None)


def region_column(layout: Layout, name: str | None) -> int | None:
    """The index of the column that names regions. Raises UnreadableFileError when there is none."""
    if name is None:
        return None
    index = index_of_name(layout.columns, name)
    if index is None:
        raise UnreadableFileError(
            f"country: there is no column {name[:40]!r}; {listed(layout.columns, bool(layout.columns))}",
            1,
            Option("country", "column:NAME"),
        )
    return index
