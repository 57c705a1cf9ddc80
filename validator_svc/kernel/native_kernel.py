"""The kernel in machine code: rows through the extension, what it leaves out through the one in Python."""

import time
from array import array
from collections.abc import Callable, Iterable, Sequence

from validator_svc.kernel.constants import NDJSON, ConstantsMaker
from validator_svc.kernel.interface import (
    UNKNOWN_COUNTRY,
    VALUE_KINDS,
    Alike,
    Answer,
    Columns,
    CsvLayout,
    Fill,
    Filled,
    Form,
    Kind,
    Listed,
    Pieces,
    Tally,
    Template,
)
from validator_svc.kernel.native import (
    JsonTexts,
    NativeConstants,
    NativePlan,
    NativeState,
    NativeTemplates,
    Work,
    alike,
)
from validator_svc.kernel.ndjson_line import text_of
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.python import MOST_MAKERS, PythonKernel
from validator_svc.numbering import facts
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.plan_file import PlanFileError
from validator_svc.numbering.risk import NO_LIST, RiskList

# Places of regions that are none, as in `reading.hh`.
ANYWHERE = -1
UNKNOWN = -2

# In the order of `kernel::Reason`, from EMPTY on.
REASONS = (
    facts.EMPTY,
    facts.NOT_A_NUMBER,
    facts.INVALID_COUNTRY_CODE,
    facts.TOO_SHORT,
    facts.TOO_LONG,
    facts.SCIENTIFIC_NOTATION,
    facts.UNKNOWN_COUNTRY,
)
SLOW = -1

Slow = Callable[[bytes, int, bool], bytes]
"""Writes the record of a text, or of a line, in a region by its place."""

DELIMITERS = frozenset(",;\t|")
"""National formats have none of these in them, so they need no quotes."""


class NativeKernel(PythonKernel):
    """Reads rows, finds each number in the plan, writes its record."""

    def __init__(self, plan: Plan, risk_list: RiskList = NO_LIST) -> None:
        """Raises PlanFileError when the plan is not sound."""
        super().__init__(plan, risk_list)
        reason_ids = tuple(facts.REASONS.index(reason) for reason in REASONS)
        try:
            self._native = NativePlan(
                plan.buffer,
                len(plan.records),
                len(facts.REASONS),
                reason_ids,
                plan.meta.patterns_known,
                risk_list.verdicts,
            )
        except ValueError as error:
            raise PlanFileError(str(error)) from None
        plan.is_proven = True
        self._region_codes: dict[int, str | None] = {place: code for code, place in plan.regions.items()}
        self._region_codes |= {ANYWHERE: None, UNKNOWN: UNKNOWN_COUNTRY}
        self._constants: dict[tuple[Kind, str], tuple[ConstantsMaker, NativeConstants]] = {}
        self._ready: dict[Kind, tuple[int, tuple[NativeConstants, int, Slow]]] = {}

    def texts(self, texts: Iterable[str | None], kind: Kind, tally: Tally | None = None) -> bytes:
        constants, place, slow = self._ready_for(kind)
        if tally is None:
            return Work(self._native, constants, None, place, ",", slow).texts(list(texts))
        state = state_of(tally)
        work = Work(self._native, constants, state, place, ",", self._slow(kind, NDJSON, tally, ""))
        return counted(work, work.texts(list(texts)), tally)

    def listed(self, texts: Sequence[str], kind: Kind, before: bytes, after: bytes) -> Listed:
        constants, place, _ = self._ready_for(kind)
        state = NativeState(counts_duplicates=True, keeps_valid=True)
        # Made when it is first needed, which is seldom: it takes a tenth of the time of a hundred numbers.
        tally: Tally | None = None

        def slow(content: bytes, region: int, is_line: bool) -> bytes:
            nonlocal tally
            if tally is None:
                tally = self.new_tally()
                tally.seen, tally.valid = state, array("Q")
            return self._slow(kind, NDJSON, tally, "")(content, region, is_line)

        work = Work(self._native, constants, state, place, ",", slow)
        document = work.listed(texts if isinstance(texts, JsonTexts) else list(texts), before, after)
        valid, duplicates = work.valid_count(), work.duplicates
        if tally is not None:
            valid, duplicates = valid + len(tally.valid or ()), duplicates + tally.duplicates
        return Listed(document, valid, duplicates)

    def lines(self, block: bytes, kind: Kind, tally: Tally | None, is_last: bool = False) -> Answer:
        work = self._work(kind, NDJSON, tally)
        output = work.lines(block, is_last)
        return Answer(counted(work, output, tally), work.rows, work.consumed)

    def ndjson(self, block: bytes, kind: Kind, key: str, tally: Tally, is_last: bool = False) -> Answer:
        work = self._work(kind, NDJSON, tally, key=key)
        output = work.ndjson(block, key.encode(), is_last)
        return Answer(counted(work, output, tally), work.rows, work.consumed)

    def csv(
        self,
        block: bytes,
        kind: Kind,
        layout: CsvLayout,
        tally: Tally,
        form: Form = "csv",
        is_last: bool = False,
    ) -> Answer:
        if tally.is_irregular or layout.delimiter not in DELIMITERS:
            return super().csv(block, kind, layout, tally, form, is_last)
        written_for = layout.delimiter if form == "csv" else NDJSON
        work = self._work(kind, written_for, tally, layout.delimiter)
        countries = self._places_of(layout)
        line_end = layout.line_end.encode() if form == "csv" else None
        output = work.csv(
            block, layout.column, layout.width, layout.country_column, countries, line_end, is_last
        )
        tally.is_irregular = work.is_irregular
        answer = Answer(counted(work, output, tally), work.rows, work.consumed)
        if not tally.is_irregular:
            return answer
        rest = super().csv(block[work.consumed :], kind, layout, tally, form, is_last)
        return Answer(answer.output + rest.output, answer.rows + rest.rows, answer.consumed + rest.consumed)

    def alike(self, records: "array[int]", verdicts: Sequence[object], answers: Sequence[object]) -> Alike:
        groups, firsts, sizes = alike(records, verdicts, answers)
        return Alike(array("i", groups), firsts, sizes)

    def join(
        self,
        texts: Sequence[str],
        shapes: "array[int]",
        digits: Sequence[str],
        groups: "array[int]",
        pieces: Sequence[Pieces],
    ) -> bytes:
        return self._native.join(list(texts), shapes, list(digits), groups, list(pieces))

    def find(self, texts: Iterable[str | None], region_code: str | None = None) -> Columns:
        texts = list(texts)
        *found, digits, numbers_found = self._native.find(texts, self._place_of(region_code))
        records, shapes = (array("i", content) for content in found)
        numbers = array("Q", numbers_found)
        at = -1
        for _ in range(records.count(SLOW)):
            at = records.index(SLOW, at + 1)
            slow = super().find([texts[at]], region_code)
            records[at], shapes[at] = slow.records[0], slow.shapes[0]
            digits[at], numbers[at] = slow.digits[0], slow.numbers[0]
        return Columns(records, shapes, digits, numbers)

    def filler(self, templates: Sequence[Template]) -> Fill | None:
        native = NativeTemplates(self._native, [*templates], VALUE_KINDS)

        def fill(block: bytes, kind: Kind) -> Filled:
            constants, place, _ = self._ready_for(kind)
            output, numbers, valid, left = native.fill(self._native, constants, place, block)
            return Filled(output, numbers, valid, array("I", left))

        return fill

    def _ready_for(self, kind: Kind) -> tuple[NativeConstants, int, Slow]:
        """What work on texts needs, kept: for a few of them it would take far longer to be found."""
        quarter = quarter_of(time.time())
        known = self._ready.get(kind)
        if known is None or known[0] != quarter:
            if len(self._ready) >= MOST_MAKERS:
                self._ready.clear()
            _, constants, _, place, _, slow = self._needed(kind, NDJSON, None)
            known = self._ready[kind] = (quarter, (constants, place, slow))
        return known[1]

    def _work(
        self, kind: Kind, written_for: str, tally: Tally | None, delimiter: str = ",", key: str = ""
    ) -> Work:
        return Work(*self._needed(kind, written_for, tally, delimiter, key))

    def _needed(
        self, kind: Kind, written_for: str, tally: Tally | None, delimiter: str = ",", key: str = ""
    ) -> tuple[NativePlan, NativeConstants, NativeState | None, int, str, Slow]:
        maker = self.maker(kind, written_for)
        known = self._constants.get((kind, written_for))
        if known is None or known[0] is not maker:
            before = maker.constants(0).before.encode()
            known = (maker, NativeConstants(self._native, before, constants_of(maker)))
            self._constants[kind, written_for] = known
        state = None if tally is None else state_of(tally)
        slow = self._slow(kind, written_for, tally, key)
        return self._native, known[1], state, self._place_of(kind.region_code), delimiter, slow

    def _place_of(self, region_code: str | None) -> int:
        if region_code is None:
            return ANYWHERE
        return self.plan.regions.get(region_code, UNKNOWN)

    def _places_of(self, layout: CsvLayout) -> Callable[[str], int]:
        """What country cells mean."""
        countries = layout.countries
        if countries is None:
            return lambda cell: self._place_of(cell or None)
        return lambda cell: self._place_of(countries(cell))

    def _slow(self, kind: Kind, written_for: str, tally: Tally | None, key: str) -> Slow:
        """What writes the records that the extension leaves out, and counts them."""

        def slow(content: bytes, region: int, is_line: bool) -> bytes:
            text: str | None = content.decode("utf-8", "replace")
            if is_line and text is not None:
                text = text_of(text, key)
            writer = self.writer(kind, written_for)
            return self.records([text], [self._region_codes[region]], writer, tally)[0].encode()

        return slow


def counted(work: Work, output: bytes, tally: Tally | None) -> bytes:
    """The output, after its rows were counted."""
    if tally is not None:
        work.count(tally.counts)
        tally.assumed_international += work.assumed
        tally.duplicates += work.duplicates
        if tally.valid is not None:
            tally.valid.frombytes(work.valid())
    return output


def state_of(tally: Tally) -> NativeState:
    """What is kept beside a tally."""
    if tally.seen is None:
        tally.seen = NativeState(tally.counts_duplicates, tally.valid is not None)
    assert isinstance(tally.seen, NativeState), "a tally stays with the kernel that it began with"
    return tally.seen


def constants_of(maker: ConstantsMaker) -> Callable[[int, bool | None], tuple[bytes, bytes, bytes]]:
    """What the extension asks for."""

    def make(record_id: int, verdict: bool | None) -> tuple[bytes, bytes, bytes]:
        # Kept there from now on: the maker would keep them once more.
        _, after_text, between, end = maker.apart(maker.marked(record_id, verdict))
        return after_text.encode(), between.encode(), end.encode()

    return make
