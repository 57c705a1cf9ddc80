"""The kernel in plain Python: texts one by one, rows by the csv module. Its bytes are the extension's."""

import time
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING

from validator_svc.kernel.constants import NDJSON, ConstantsMaker
from validator_svc.kernel.csv_rows import Row, rows_of
from validator_svc.kernel.interface import (
    MOST_SEEN,
    Alike,
    Answer,
    Columns,
    CsvLayout,
    Fill,
    Form,
    Kind,
    Listed,
    Pieces,
    Tally,
    Template,
)
from validator_svc.kernel.ndjson_line import text_of
from validator_svc.kernel.plan import Plan
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.risk import NO_LIST, RiskList

# What reads texts in plain Python is loaded when it is first needed: beside machine code it seldom is, and
# loading it, and `phonenumbers` with it, takes longer than to answer a thousand numbers.
if TYPE_CHECKING:
    from validator_svc.kernel.finder import Finder, Found
    from validator_svc.kernel.walk import Format
    from validator_svc.kernel.writer import RecordWriter

# Kinds times delimiters whose constants are kept; each takes half a megabyte at most.
MOST_MAKERS = 64
# Texts whose places and records are kept at a time: they stay in the CPU's cache.
AT_ONCE = 500


class PythonKernel:
    """Reads rows, finds each number in the plan, writes its record."""

    def __init__(self, plan: Plan, risk_list: RiskList = NO_LIST) -> None:
        self.plan = plan
        self.risk_list = risk_list
        self._makers: dict[tuple[Kind, str], ConstantsMaker] = {}

    @cached_property
    def finder(self) -> "Finder":
        """Made when it is first needed, in a tenth of a second. Raises PlanFileError for an unsound plan."""
        from validator_svc.kernel.finder import Finder

        return Finder(self.plan)

    @cached_property
    def formats(self) -> "list[Format]":
        """What writes digits in national formats, by shape."""
        from validator_svc.kernel.walk import formats_of

        return formats_of(self.plan)

    def new_tally(self, counts_duplicates: bool = True) -> Tally:
        counts = array("q", bytes(8 * len(self.plan.records)))
        return Tally(counts, counts_duplicates=counts_duplicates)

    def texts(self, texts: Iterable[str | None], kind: Kind, tally: Tally | None = None) -> bytes:
        texts, writer = list(texts), self.writer(kind)
        written: list[bytes] = []
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            written.append(joined(self.records(some, repeat(kind.region_code), writer, tally)))
        return b"".join(written)

    def listed(self, texts: Sequence[str], kind: Kind, before: bytes, after: bytes) -> Listed:
        tally = self.new_tally()
        tally.valid = array("Q")
        # In JSON a raw line end never stands inside a string: those here part records.
        records = self.texts(texts, kind, tally)[:-1].replace(b"\n", b",")
        return Listed(before + records + after, len(tally.valid), tally.duplicates)

    def lines(self, block: bytes, kind: Kind, tally: Tally | None, is_last: bool = False) -> Answer:
        lines, consumed = lines_of(block, is_last)
        return Answer(self.texts(lines, kind, tally), len(lines), consumed)

    def ndjson(self, block: bytes, kind: Kind, key: str, tally: Tally, is_last: bool = False) -> Answer:
        lines, consumed = lines_of(block, is_last)
        output = self.texts((text_of(line, key) for line in lines), kind, tally)
        return Answer(output, len(lines), consumed)

    def csv(
        self,
        block: bytes,
        kind: Kind,
        layout: CsvLayout,
        tally: Tally,
        form: Form = "csv",
        is_last: bool = False,
    ) -> Answer:
        rows, consumed = rows_of(block, layout.delimiter, is_last)
        writer = self.writer(kind, layout.delimiter if form == "csv" else NDJSON)
        texts = [row.cell(layout.column) for row in rows]
        regions = [region_of(row, layout, kind) for row in rows]
        records = self.records(texts, regions, writer, tally)
        if form == "ndjson":
            return Answer(joined(records), len(rows), consumed)
        written: list[bytes] = []
        line_end = layout.line_end.encode()
        for row, record in zip(rows, records, strict=True):
            before, behind = row.around(layout.width)
            written += (before, record.encode(), behind, line_end)
        return Answer(b"".join(written), len(rows), consumed)

    def alike(self, records: "array[int]", verdicts: Sequence[object], answers: Sequence[object]) -> Alike:
        places: dict[tuple[int, int, int], int] = {}
        groups = array("i")
        firsts: list[int] = []
        sizes: list[int] = []
        rows = zip(records, map(id, verdicts), map(id, answers), strict=True)
        for row, key in enumerate(rows):
            group = places.setdefault(key, len(places))
            if group == len(firsts):
                firsts.append(row)
                sizes.append(0)
            groups.append(group)
            sizes[group] += 1
        return Alike(groups, firsts, sizes)

    def join(
        self,
        texts: Sequence[str],
        shapes: "array[int]",
        digits: Sequence[str],
        groups: "array[int]",
        pieces: Sequence[Pieces],
    ) -> bytes:
        from validator_svc.kernel.writer import shown_in_json

        lines: list[bytes] = []
        for text, shape, found, group in zip(texts, shapes, digits, groups, strict=True):
            before, after, between, end = pieces[group]
            lines += (before, shown_in_json(text).encode(), after)
            if found:
                lines += (found.encode(), between, self.formats[shape].written(found).encode())
            lines.append(end)
        return b"".join(lines)

    def filler(self, templates: Sequence[Template]) -> Fill | None:
        return None

    def find(self, texts: Iterable[str | None], region_code: str | None = None) -> Columns:
        from validator_svc.kernel.walk import number_of

        found = [self.finder.find(text or "", region_code) for text in texts]
        return Columns(
            array("i", [place.record_id for place, _, _ in found]),
            array("i", [place.shape for place, _, _ in found]),
            [digits for _, digits, _ in found],
            array("Q", [number_of(place, digits) for place, digits, _ in found]),
        )

    def records(
        self,
        texts: Sequence[str | None],
        region_codes: Iterable[str | None],
        writer: "RecordWriter",
        tally: Tally | None,
    ) -> list[str]:
        """The records of texts, each read in its region; None stands for a line that could not be read."""
        found = list(map(self.finder.find, texts, region_codes))
        if tally is not None:
            count(found, tally)
        return writer.records(texts, found)

    def writer(self, kind: Kind, delimiter: str = NDJSON) -> "RecordWriter":
        """What writes records now; keep it no longer than a quarter of an hour."""
        from validator_svc.kernel.writer import RecordWriter

        return RecordWriter(self.maker(kind, delimiter), self.risk_list, self.formats)

    def maker(self, kind: Kind, delimiter: str = NDJSON) -> ConstantsMaker:
        """What makes constants now; keep it no longer than a quarter of an hour."""
        key = (kind, delimiter)
        maker = self._makers.pop(key, None)
        if maker is None or not maker.holds_in(quarter_of(time.time())):
            maker = ConstantsMaker(self.plan, kind, delimiter)
        self._makers[key] = maker
        for oldest in list(self._makers)[:-MOST_MAKERS]:
            self._makers.pop(oldest, None)
        return maker


def count(found: "Sequence[Found]", tally: Tally) -> None:
    """Count rows into a tally."""
    counts = tally.counts
    for place, _, is_assumed in found:
        counts[place.record_id] += 1
        if is_assumed:
            tally.assumed_international += 1
    if tally.counts_duplicates or tally.valid is not None:
        count_numbers(found, tally)


def count_numbers(found: "Sequence[Found]", tally: Tally) -> None:
    """Count the valid numbers of rows, and keep them where they are wanted."""
    from validator_svc.kernel.walk import number_of

    numbers = [number for place, digits, _ in found if (number := number_of(place, digits))]
    if tally.valid is not None:
        tally.valid.extend(numbers)
    if tally.seen is None:
        tally.seen = SeenNumbers()
    if tally.counts_duplicates:
        tally.duplicates += sum(map(tally.seen.has, numbers))


class SeenNumbers:
    """Which numbers have come before."""

    def __init__(self) -> None:
        self._numbers: set[int] = set()

    def has(self, number: int) -> bool:
        if number in self._numbers:
            return True
        if len(self._numbers) < MOST_SEEN:
            self._numbers.add(number)
        return False


def region_of(row: Row, layout: CsvLayout, kind: Kind) -> str | None:
    """The region in which a row's number is read; UNKNOWN_COUNTRY when it names none that is known."""
    if layout.country_column is None:
        return kind.region_code
    cell = row.cell(layout.country_column)
    return layout.countries(cell) if layout.countries else cell or None


def lines_of(block: bytes, is_last: bool) -> tuple[list[str], int]:
    """The whole lines at the beginning of a block, and how many bytes they take.

    They end in LF, CRLF or CR; whether a CR at the very end is one of a CRLF shows only with what follows.
    """
    end = len(block) if is_last else max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
    if not end:
        return [], 0
    text = block[:end].decode("utf-8", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines, end


def joined(lines: list[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()
