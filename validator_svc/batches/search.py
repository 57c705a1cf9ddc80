"""Looking for rows in the results of a batch: in order, some at a time, each time for a bounded time.

What is stored is not indexed. A segment in which no row can be is told by its counts and is not read; the
others are read one after the other until there are rows enough, or the time is up.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import NamedTuple

import orjson

from validator_svc.batches.batch import Done
from validator_svc.batches.counts import Counts
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Plan
from validator_svc.batches.stored_results import KEEP, Only, Results
from validator_svc.formats.clean_csv import joined_rows, parsed_rows, rows_of, well_formed
from validator_svc.record.finished import stands
from validator_svc.turns import ONE_AT_A_TIME

FILTERS = ("country_code", "phone_type", "carrier_name", "reason")
"""The fields of a record by whose value rows can be chosen."""

# Of a record what people look for.
SEARCHED = ("phone_number", "e164_format", "national_format", "carrier_name")
# What the counts of a segment call a field; where it counts any value of it, it counts all.
COUNTED = {"country_code": "country", "phone_type": "type", "carrier_name": "carrier", "reason": "reason"}
# Half of what an answer may take: the last segment, its cells and the answer's own making come on top.
SCAN_S = 0.08
# Segments whose counts are read at once.
LOOK_AHEAD = 16
# What may stand between the digits of a number that somebody looks for.
SEPARATORS = str.maketrans("", "", " ()-./+\u00a0")
LEAST_DIGITS = 4
PIECE_BYTES = 64 * 1024
# Characters of cells with which an answer ends: it is written in one go.
MOST_CHARS = 512 * 1024
# One may read what is stored while another one looks through it.
SEARCHES = ThreadPoolExecutor(2, "search")


class Search(NamedTuple):
    """What a row must have; all of it."""

    text: str = ""
    only: Only | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """Names in FILTERS with their values."""

    def may_be_in(self, counts: Counts) -> bool:
        """Whether any row of a segment with these counts can be one of those."""
        if self.only is not None and self.only != "risky" and not counts.get(self.only):
            return False
        return all(is_counted(counts, COUNTED[name], value) for name, value in self.fields)


class Row(NamedTuple):
    """A row that was found."""

    at: int
    """Its place in the list, from 0."""
    cells: list[str]
    record: bytes
    """Its record, NDJSON without a line end."""


class FoundRows(NamedTuple):
    """Some of the rows."""

    rows: list[Row]
    next: int | None
    """The row from which to go on; None when there are no more."""


async def search(results: Results, plan: Plan, wanted: Search, offset: int, limit: int) -> FoundRows:
    """Rows from the `offset`-th row of the list on, at most `limit`, as many as are found in the time.

    Rows that are not answered yet are left out. Raises BatchGoneError, StorageError, RedisError.
    """
    deadline_s = time.monotonic() + SCAN_S
    finder = finder_of(wanted)
    rows: list[Row] = []
    for start in range(offset // plan.segment_rows, plan.segments, LOOK_AHEAD):
        if start * plan.segment_rows > offset and time.monotonic() > deadline_s:
            return FoundRows(rows, start * plan.segment_rows)
        indices = range(start, min(start + LOOK_AHEAD, plan.segments))
        for index, done in zip(indices, await results.batches.done(plan.batch_id, indices), strict=True):
            first = index * plan.segment_rows
            if done is not None and wanted.may_be_in(done.counts):
                # However slow it is, each answer comes further.
                if first > offset and time.monotonic() > deadline_s:
                    return FoundRows(rows, first)
                skip, left = max(0, offset - first), limit - len(rows)
                async with results.unless_gone(plan):
                    look = partial(rows_in, results.segments, plan, index, done, finder, skip, left)
                    rows += await asyncio.get_running_loop().run_in_executor(SEARCHES, look)
            if len(rows) == limit or is_full(rows):
                return FoundRows(rows, after(rows[-1].at, plan))
    return FoundRows(rows, None)


def after(at: int, plan: Plan) -> int | None:
    """The row after that one."""
    return at + 1 if at + 1 < plan.rows else None


def rows_in(
    segments: Segments, plan: Plan, index: int, done: Done, finder: "Finder", skip: int, limit: int
) -> list[Row]:
    """The rows found in a segment. Blocks. Raises MissingObjectError, StorageError."""
    records = segments.told(plan, index, done.generation)
    delimiter = plan.layout.delimiter
    cells = segments.cells(plan, index) if plan.has_cells and finder.needles else None
    with ONE_AT_A_TIME:
        if not finder.may_be_among(records, cells or b""):
            return []
        lines = records.splitlines()
        own = rows_of(cells, delimiter) if cells is not None else None
        found = finder.among(lines, own, skip, limit)
    cells = segments.cells(plan, index) if own is None and plan.has_cells and found else None
    with ONE_AT_A_TIME:
        own = rows_of(cells, delimiter) if cells is not None else own
        rows, chars = list[Row](), 0
        for at in found:
            row = cells_of(lines[at], None if own is None else own[at], delimiter)
            rows.append(Row(index * plan.segment_rows + at, row, lines[at]))
            chars += sum(map(len, row))
            if chars >= MOST_CHARS:
                break
    return rows


def is_full(rows: Sequence[Row]) -> bool:
    """Whether an answer has as much as it may have, however few rows that is."""
    return sum(len(cell) for row in rows for cell in row.cells) >= MOST_CHARS


def cells_of(line: bytes, cells: bytes | None, delimiter: str) -> list[str]:
    """The own cells of a row; of one without any the number as it came."""
    if cells is None:
        return [orjson.loads(line)["phone_number"]]
    (row,) = parsed_rows(joined_rows([cells]), delimiter)
    return [well_formed(cell) for cell in row]


class Finder(NamedTuple):
    """What is looked for, as it stands in records and cells."""

    values: list[bytes]
    keep: Callable[[bytes], bool] | None
    needles: list[bytes]

    def may_be_among(self, records: bytes, cells: bytes) -> bool:
        """Whether any of many rows can be one of those; they are not taken apart for that."""
        if not all(value in records for value in self.values):
            return False
        if not self.needles:
            return True
        in_cells = [*self.needles, *map(as_csv, self.needles)]
        return is_any_in(in_cells, cells) or is_any_in([*map(as_json, self.needles)], records)

    def among(self, lines: list[bytes], cells: list[bytes] | None, skip: int, limit: int) -> list[int]:
        """Which of the rows are, after those that are skipped; at most `limit`."""
        rows = range(min(skip, len(lines)), len(lines))
        if not (self.values or self.keep or self.needles):
            return [*rows[:limit]]
        found = (at for at in rows if self.is_one(lines[at], cells[at] if cells is not None else b""))
        return [*islice(found, limit)]

    def is_one(self, line: bytes, cells: bytes) -> bool:
        """Whether a row is one of those."""
        return (
            all(value in line for value in self.values)
            and (self.keep is None or self.keep(line))
            and (not self.needles or holds(line, cells, self.needles))
        )


def is_any_in(needles: Sequence[bytes], content: bytes) -> bool:
    """Whether any of some texts is in a content, whatever the case of its ASCII letters.

    Piece by piece: to look through megabytes in one go would keep the interpreter from the event loop.
    """
    longest = max(map(len, needles))
    for start in range(0, len(content), PIECE_BYTES):
        piece = content[start : start + PIECE_BYTES + longest].lower()
        if any(needle in piece for needle in needles):
            return True
    return False


def finder_of(wanted: Search) -> Finder:
    """What finds the rows of a search."""
    values = [stands(name, value) for name, value in wanted.fields]
    keep = KEEP[wanted.only] if wanted.only is not None else None
    return Finder(values, keep, needles_of(wanted.text))


def holds(line: bytes, cells: bytes, needles: Sequence[bytes]) -> bool:
    """Whether a record or its row's cells hold one of the texts."""
    own = cells.lower()
    if any(needle in own or as_csv(needle) in own for needle in needles):
        return True
    lower = line.lower()
    if not any(as_json(needle) in lower for needle in needles):
        return False
    # It may be the name of a field, or something that is not shown.
    record = orjson.loads(line)
    values = [str(record.get(name) or "").encode().lower() for name in SEARCHED]
    return any(needle in value for value in values for needle in needles)


def as_csv(needle: bytes) -> bytes:
    """A text as it stands in a cell that is quoted."""
    return needle.replace(b'"', b'""')


def as_json(needle: bytes) -> bytes:
    """A text as it stands in a string of JSON."""
    return orjson.dumps(needle.decode())[1:-1] if b'"' in needle or b"\\" in needle else needle


def needles_of(text: str) -> list[bytes]:
    """The forms in which a text is looked for, in texts whose ASCII letters are in lower case.

    Letters beyond ASCII are found as they were written, or all in lower or upper case, or so that each word
    begins with a capital. What looks like a number is looked for without its separators, too.
    """
    if not text:
        return []
    forms = [text, text.lower(), text.upper(), text.title()]
    digits = text.translate(SEPARATORS)
    if len(digits) >= LEAST_DIGITS and digits.isascii() and digits.isdigit():
        forms.append(digits)
    return list(dict.fromkeys(form.encode().lower() for form in forms))


def is_counted(counts: Counts, prefix: str, value: str) -> bool:
    """Whether counts allow for a row with that value."""
    if f"{prefix}:{value}" in counts:
        return True
    # Rare carriers are counted together; and another version of the service counted fewer things.
    return f"{prefix}:" in counts or (prefix not in ("country", "reason") and not has_any(counts, prefix))


def has_any(counts: Counts, prefix: str) -> bool:
    """Whether counts tell of anything of that kind."""
    return any(name.startswith(f"{prefix}:") for name in counts)
