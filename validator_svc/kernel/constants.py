"""What stands between the text and the digits of a record: the same for all numbers of one record id.

A record is made once by its own encoder, with a mark where each of the number's three forms goes; what
stands between the marks are the constants. So the fields, their order and their encoding have one home,
`record.record`.
"""

import csv
import io
import time
from typing import NamedTuple

from validator_svc.kernel.interface import Kind
from validator_svc.kernel.plan import Plan
from validator_svc.numbering import facts
from validator_svc.numbering.facts import PlanAnswer, unparsed
from validator_svc.numbering.offsets import quarter_of, utc_offset
from validator_svc.numbering.risk import RISKY_CALLING_CODES
from validator_svc.record.record import Record, fields_of, from_plan, to_line, to_row

MARK = "\x7f"
"""Stands for the text, the international digits and the national format, which a record has in this order.

It is in no name of anything, and escaped neither in JSON nor in CSV.
"""

NDJSON = "ndjson"
"""Stands for a delimiter where records are JSON."""

SATELLITE = min(RISKY_CALLING_CODES)
"""Any calling code of a satellite system; which one does not show."""


class Constants(NamedTuple):
    """A record without its number and its line end; without number `between` and `end` are empty.

    NDJSON: `before` text `after_text` digits `between` national format `end`. CSV: the same, `before`
    being the delimiter that separates the record from the row's own cells.
    """

    before: str
    after_text: str
    between: str
    end: str


class ConstantsMaker:
    """Makes the constants of one kind for the offsets of one quarter hour."""

    def __init__(self, plan: Plan, kind: Kind, delimiter: str = NDJSON, at_s: float | None = None) -> None:
        """`delimiter`: of CSV, one character, or NDJSON; `at_s`: seconds since the epoch, now if None."""
        self.plan = plan
        self.kind = kind
        self.delimiter = delimiter
        self.quarter = quarter_of(time.time() if at_s is None else at_s)
        self.has_offsets = "timezone" in fields_of(kind.request_type)
        self.time_zones: set[tuple[str, ...]] = set()
        self.made: dict[tuple[int, bool | None], Constants] = {}

    def holds_in(self, quarter: int) -> bool:
        """Whether what was made is still right in another quarter hour; offsets seldom change."""
        if quarter != self.quarter:
            for zones in self.time_zones:
                if utc_offset(zones, quarter) != utc_offset(zones, self.quarter):
                    return False
        self.quarter = quarter
        return True

    def constants(self, record_id: int, verdict: bool | None = None) -> Constants:
        """The constants of a record; `verdict` is the operator's risk list's (see `RiskList`)."""
        key = (record_id, verdict)
        constants = self.made.get(key)
        if constants is None:
            constants = self.made[key] = self.apart(self.marked(record_id, verdict))
        return constants

    def marked(self, record_id: int, verdict: bool | None) -> Record:
        range_facts, is_satellite = self.plan.records[record_id]
        if self.has_offsets:
            self.time_zones.add(range_facts.time_zones)
        if record_id < len(facts.REASONS):
            answer = unparsed(range_facts.reason or "")
        else:
            answer = PlanAnswer(range_facts, SATELLITE if is_satellite else 1, "", MARK)
        record = from_plan(MARK, answer, self.quarter if self.has_offsets else None)
        if answer.calling_code:
            record.e164_format = f"+{MARK}"
            if verdict is not None:
                record.risky_destination = verdict
        return record

    def apart(self, record: Record) -> Constants:
        before, after_text, *around_format = self.written(record).split(MARK)
        between, end = around_format or ("", "")
        return Constants(before, after_text, between, end)

    def written(self, record: Record) -> str:
        """The record with its marks, as it stands in a line."""
        if self.delimiter == NDJSON:
            return to_line(record, self.kind.request_type, self.kind.both_names).decode().removesuffix("\n")
        return self.delimiter + csv_row(to_row(record, self.kind.request_type), self.delimiter)


def csv_row(cells: list[str], delimiter: str) -> str:
    """Cells as a row of CSV, without its end; quotes only where they are needed."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return written.getvalue().removesuffix("\r\n")
