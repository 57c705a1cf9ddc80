"""The kernel in plain Python: texts one by one, rows by the csv module. Its bytes are the extension's."""

import re
import time
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
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
from validator_svc.numbering import facts
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.risk import NO_LIST, RiskList

# What reads texts in plain Python is loaded when it is first needed: beside machine code it seldom is, and
# loading it, and `phonenumbers` with it, takes longer than to answer a thousand numbers.
if TYPE_CHECKING:
    from validator_svc.kernel.finder import Finder
    from validator_svc.kernel.walk import Format, Place
    from validator_svc.kernel.writer import RecordWriter

LINE_END = re.compile(r"\r\n|\r|\n")

# Kinds times delimiters whose constants are kept; each takes half a megabyte at most.
MOST_MAKERS = 64


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
        writer = self.writer(kind)
        counter = Counter(tally)
        lines = [self.record(text, kind.region_code, writer, counter) for text in texts]
        return joined(lines)

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
        writer = self.writer(kind)
        counter = Counter(tally)
        records = [self.record(text_of(line, key), kind.region_code, writer, counter) for line in lines]
        return Answer(joined(records), len(lines), consumed)

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
        counter = Counter(tally)
        written: list[bytes] = []
        for row in rows:
            record = self.record(row.cell(layout.column), region_of(row, layout, kind), writer, counter)
            if form == "csv":
                before, behind = row.around(layout.width)
                written.append(b"%b%b%b%b" % (before, record.encode(), behind, layout.line_end.encode()))
            else:
                written.append(record.encode() + b"\n")
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
                lines += (found.encode(), between, self.formats[shape](found).encode())
            lines.append(end)
        return b"".join(lines)

    def filler(self, templates: Sequence[Template]) -> Fill | None:
        return None

    def find(self, texts: Iterable[str | None], region_code: str | None = None) -> Columns:
        places = [self.finder.find(text or "", region_code)[0] for text in texts]
        return Columns(
            array("i", [place.record_id for place in places]),
            array("i", [place.shape for place in places]),
            [place.digits for place in places],
            array("Q", [place.number for place in places]),
        )

    def record(
        self, text: str | None, region_code: str | None, writer: "RecordWriter", counter: "Counter"
    ) -> str:
        """The record of a text; of a line that could not be read, for None."""
        if text is None:
            nowhere = self.finder.nowhere(facts.UNREADABLE_LINE)
            counter.count(nowhere, False)
            return writer.record("", nowhere)
        place, is_assumed = self.finder.find(text, region_code)
        counter.count(place, is_assumed)
        return writer.record(text, place)

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


class Counter:
    """Counts rows into a tally; into nothing without one."""

    def __init__(self, tally: Tally | None) -> None:
        self.tally = tally
        if tally is not None and tally.seen is None:
            tally.seen = SeenNumbers()

    def count(self, place: "Place", is_assumed: bool) -> None:
        tally = self.tally
        if tally is None:
            return
        tally.counts[place.record_id] += 1
        tally.assumed_international += is_assumed
        number = place.number
        if number and tally.valid is not None:
            tally.valid.append(number)
        if number and tally.counts_duplicates and tally.seen is not None:
            tally.duplicates += tally.seen.has(number)


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
    lines = LINE_END.split(block[:end].decode("utf-8", "replace"))
    return lines[:-1] if not lines[-1] else lines, end


def joined(lines: list[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()
