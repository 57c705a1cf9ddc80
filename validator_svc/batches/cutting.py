"""Cutting the rows of a file into segments of one size."""

from collections.abc import Iterable, Iterator

from validator_svc.batches.countries import region_named
from validator_svc.batches.errors import UnreadableFileError
from validator_svc.batches.layout import Layout, index_of_name, listed
from validator_svc.batches.rows import Chunk


def segments_of(chunks: Iterable[Chunk], segment_rows: int) -> Iterator[Chunk]:
    """The same rows in chunks of `segment_rows`, the last one perhaps shorter."""
    texts: list[str | None] = []
    cells: list[list[str]] = []
    for chunk in chunks:
        texts += chunk.texts
        cells += chunk.cells or []
        start = 0
        while len(texts) - start >= segment_rows:
            end = start + segment_rows
            yield Chunk(texts[start:end], (), cells[start:end] or None)
            start = end
        if start:
            del texts[:start], cells[:start]
    if texts:
        yield Chunk(texts, (), cells or None)


def regions_of(chunk: Chunk, column: int | None) -> list[str | None] | None:
    """The region that each row names in that column; None when rows name none."""
    if column is None or chunk.cells is None:
        return None
    return [region_named(row[column][:60]) if column < len(row) else None for row in chunk.cells]


def region_column(layout: Layout, name: str | None) -> int | None:
    """The index of the column that names regions. Raises UnreadableFileError when there is none."""
    if name is None:
        return None
    index = index_of_name(layout.columns, name)
    if index is None:
        raise UnreadableFileError(
            f"country: there is no column {name[:40]!r}; {listed(layout.columns, bool(layout.columns))}", 1
        )
    return index
