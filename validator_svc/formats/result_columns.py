"""The columns of results beside those of the file itself."""

from collections.abc import Iterable, Sequence

from validator_svc.numbering.facts import RequestType
from validator_svc.record.record import fields_of

COLLISION_PREFIX = "validation_"


def joined(cells: Sequence[str], result: Sequence[str], width: int) -> list[str]:
    """One row: its own cells, filled up to `width`, the result, then its cells beyond that."""
    if len(cells) == width:
        return [*cells, *result]
    return [*cells[:width], *[""] * (width - len(cells)), *result, *cells[width:]]


def result_columns(columns: Sequence[str], request_type: RequestType) -> list[str]:
    """The names of the result columns beside the file's own."""
    return names_beside(columns, fields_of(request_type))


def names_beside(columns: Sequence[str], wanted: Iterable[str]) -> list[str]:
    """Names for more columns; prefixed, as often as it takes, where the file has the name."""
    taken = set(columns)
    names: list[str] = []
    for name in wanted:
        while name in taken:
            name = COLLISION_PREFIX + name
        taken.add(name)
        names.append(name)
    return names
