"""Finished records of NDJSON as cells of CSV.

Of one list's records all but the number itself, in its three forms, is the same again and again. So a
record is cut in five, and the two parts around the forms are turned into CSV once and remembered.
"""

from functools import cache
from typing import Any

import orjson

from validator_svc.formats.clean_csv import written_rows
from validator_svc.record.finished import cut_in_five
from validator_svc.record.record import cell

# A part costs a hundred bytes or two; of as many different ones few would come again.
MOST_PARTS = 10_000


@cache
def record_cells(delimiter: str) -> "RecordCells":
    """What turns records into cells; one for all files, so that it remembers."""
    return RecordCells(delimiter)


class RecordCells:
    """Turns records into cells, each record's with the delimiter between. Any thread may use it."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._pattern = cut_in_five(delimiter)
        self._heads = Parts(b"{", b"}", delimiter)
        self._tails = Parts(b"{", b"", delimiter)

    def rows(self, records: bytes) -> list[bytes]:
        """The cells of each record, in order. `records`: a line of NDJSON each."""
        found = self._pattern.findall(records)
        if len(found) < records.count(b"\n"):
            return [self._row(line) for line in records.splitlines(keepends=True)]
        join, heads, tails = self._delimiter.encode().join, self._heads, self._tails
        return [
            join((text, heads[head], e164, national, tails[tail]))
            for text, head, e164, national, tail in found
        ]

    def _row(self, line: bytes) -> bytes:
        return self.rows(line)[0] if self._pattern.fullmatch(line) else written(line, self._delimiter)


class Parts(dict[bytes, bytes]):
    """Remembers the CSV of parts of records."""

    def __init__(self, before: bytes, after: bytes, delimiter: str) -> None:
        self._before = before
        self._after = after
        self._delimiter = delimiter

    def __missing__(self, part: bytes) -> bytes:
        if len(self) >= MOST_PARTS:
            self.clear()
        row = self[part] = written(self._before + part + self._after, self._delimiter)
        return row


def written(record: bytes, delimiter: str) -> bytes:
    """The values of a JSON object as a row of CSV."""
    return written_rows([values_of(orjson.loads(record))], delimiter)[0]


def values_of(record: dict[str, Any]) -> list[str]:
    """The values of a record as cells."""
    return [value if value.__class__ is str else cell(value) for value in record.values()]
