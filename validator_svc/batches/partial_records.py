"""Records of a segment with open rows: a line of NDJSON a row, an empty one for a row that is to be asked."""

from collections.abc import Sequence

from validator_svc.record.finished import FAILED


def failed_rows(lines: bytes) -> list[int]:
    """Which of the records tell of a lookup that failed."""
    return [at for at, line in enumerate(lines.splitlines()) if FAILED.search(line)]


def open_rows(lines: bytes) -> list[int]:
    """Which of the rows have no record."""
    return [at for at, line in enumerate(lines.splitlines()) if not line]


def without(lines: bytes, indices: Sequence[int]) -> bytes:
    """The records, with an empty line in place of some."""
    if not indices:
        return lines
    return replaced(lines, indices, b"\n" * len(indices))


def replaced(lines: bytes, indices: Sequence[int], new: bytes) -> bytes:
    """The records with new ones in place of some."""
    records = lines.splitlines(keepends=True)
    for at, record in zip(indices, new.splitlines(keepends=True), strict=True):
        records[at] = record
    return b"".join(records)
