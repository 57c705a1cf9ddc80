"""Finished records of NDJSON as cells of CSV.

Of one list's records all but the number itself, in its three forms, is the same again and again. So a
record is cut in five, and the two parts around the forms are turned into CSV once and remembered.
"""

from functools import cache
from typing import Any

import orjson

from validator_svc.batches.clean_csv import written_rows
from validator_svc.numbering.record import cell

TEXT_BEGIN = len(b'{"phone_number":"')
TEXT_END = b'","is_valid":'
E164_BEGIN = b',"e164_format":"'
NATIONAL_BEGIN = b'","national_format":"'
NATIONAL_END = b'",'

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
        self._head = Parts(b'{"is_valid":', b"}", delimiter)
        self._tail = Parts(b"{", b"", delimiter)

    def rows(self, records: bytes) -> list[bytes]:
        """The cells of each record, in order. `records`: a line of NDJSON each."""
        head_parts, tail_parts, separator = self._head, self._tail, self._delimiter.encode()
        has_escapes = b"\\" in records
        rows: list[bytes] = []
        for line in records.removesuffix(b"\n").split(b"\n"):
            text, _, rest = line.partition(TEXT_END)
            head, _, rest = rest.partition(E164_BEGIN)
            e164, _, rest = rest.partition(NATIONAL_BEGIN)
            national, _, tail = rest.partition(NATIONAL_END)
            text = text[TEXT_BEGIN:]
            # Escaped in JSON, or to be quoted in CSV; none of the constants around can bring that about.
            if separator in text or separator in national or (has_escapes and b"\\" in line):
                rows.append(written(line, self._delimiter))
            else:
                parts = (text, head_parts[head], e164, national, tail_parts[tail])
                rows.append(separator.join(parts))
        return rows


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
    return [cell(value) for value in record.values()]
