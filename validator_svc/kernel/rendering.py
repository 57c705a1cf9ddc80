"""Finished records of NDJSON as cells of CSV behind the rows' own, as the kernel would write them."""

import csv

import orjson

from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.constants import csv_row
from validator_svc.kernel.csv_rows import rows_of
from validator_svc.record.record import cell

if HAS_NATIVE:
    from validator_svc.kernel import native


def rendered_rows(records: bytes, rows: bytes | None, delimiter: str, width: int, line_end: str) -> bytes:
    """Rows of CSV with their records behind: what `Kernel.csv` says of rows counts here too.

    `records` has a line for each row, in order. `rows` are CSV without a header, None where rows have no
    cells of their own: then `width` empty ones stand for them. Raises ValueError for what is no record, or
    not one for each row.
    """
    if HAS_NATIVE and delimiter.isascii():
        written = native.rendered(records, rows, delimiter, width, line_end.encode())
        if written is not None:
            return written
    return rendered_slowly(records, rows, delimiter, width, line_end)


def rendered_slowly(records: bytes, rows: bytes | None, delimiter: str, width: int, line_end: str) -> bytes:
    """The same in plain Python."""
    results = [csv_row(cells_of(line), delimiter).encode() for line in records.splitlines()]
    separator, end = delimiter.encode(), line_end.encode()
    if rows is None:
        return b"".join([separator * width + result + end for result in results])
    written: list[bytes] = []
    try:
        own, _ = rows_of(rows, delimiter, is_last=True)
    except csv.Error as error:
        raise ValueError(str(error)) from None
    for row, result in zip(own, results, strict=True):
        before, behind = row.around(width)
        written += (before, separator, result, behind, end)
    return b"".join(written)


def cells_of(record: bytes) -> list[str]:
    """The values of a record as cells. Raises ValueError for what is none."""
    values = orjson.loads(record)
    if not isinstance(values, dict):
        raise ValueError("expected a record of JSON for each row")
    return [cell(value) for value in values.values()]
