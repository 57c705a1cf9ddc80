"""Lines for classes, one kind of line at a time: request type, names, region, risk list."""

from collections.abc import Hashable
from dataclasses import dataclass

from validator_svc.numbering import facts, reference
from validator_svc.numbering.facts import RequestType, unparsed
from validator_svc.numbering.offsets import utc_offset
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.render import (
    BYTES,
    DIGITS_MARK,
    TEXT_MARK,
    entry_of,
    marked_answer,
    marked_line,
)
from validator_svc.numbering.plan.tables import Entry
from validator_svc.numbering.record import Record, fields_of, from_plan, to_line
from validator_svc.numbering.risk import NO_LIST, RiskList

# Stands for a verdict of the risk list that depends on more digits than a table's key has.
BY_DIGITS = "by digits"


@dataclass(frozen=True, slots=True)
class Kind:
    """What all lines of one kind have in common."""

    request_type: RequestType
    region_code: str | None = None
    """The region whose numbers may be written as dialled there; ISO 3166-1 alpha-2."""
    both_names: bool = False
    """Whether renamed fields come under both their names."""


class LineFinisher:
    """Makes the entries that write lines of one kind, for the offsets of one quarter hour."""

    def __init__(self, kind: Kind, quarter: int, risk_list: RiskList = NO_LIST) -> None:
        self.kind = kind
        self.quarter = quarter
        self.risk_list = risk_list
        self.partly_listed = {
            prefix[:length] for prefix in risk_list.verdicts for length in range(len(prefix))
        }
        self.time_zones: set[tuple[str, ...]] = set()
        self.made: dict[Hashable, Entry] = {}

    def variant(self, beginning: str) -> bool | str | None:
        """The risk list's verdict on numbers with this beginning, or BY_DIGITS."""
        return BY_DIGITS if beginning in self.partly_listed else self.risk_list.verdict(beginning)

    def for_class(self, number_class: NumberClass, variant: Hashable) -> Entry:
        if variant == BY_DIGITS:
            return (write_by_verdict, self, number_class)
        key = (number_class, variant)
        entry = self.made.get(key)
        if entry is None:
            entry = self.made[key] = self.make(number_class, variant)
        return entry

    def make(self, number_class: NumberClass, variant: Hashable) -> Entry:
        marked = from_plan(TEXT_MARK, marked_answer(number_class), self.quarter)
        marked.e164_format = f"+{DIGITS_MARK}"
        if isinstance(variant, bool):
            marked.risky_destination = variant
        self.time_zones.add(number_class.facts.time_zones)
        return self.shared(marked)

    def shared(self, marked: Record) -> Entry:
        """The same entry for classes that differ in nothing that this kind of line shows."""
        line = marked_line(marked, self.kind.request_type, self.kind.both_names)
        entry = self.made.get(line)
        if entry is None:
            entry = self.made[line] = entry_of(line)
        return entry

    def for_reason(self, reason: str) -> Entry:
        # With a region, `phonenumbers` tries again without the `+`.
        if reason == facts.INVALID_COUNTRY_CODE and self.kind.region_code:
            return self.slow_way()
        marked = from_plan(TEXT_MARK, unparsed(reason), self.quarter)
        return self.shared(marked)

    def slow_way(self) -> Entry:
        return (write_slowly, self)

    def slow_line(self, text: str) -> str:
        """The line for any text, as `phonenumbers` answers it."""
        answer = reference.look_up(text, self.kind.region_code)
        record = from_plan(text, answer, self.quarter, self.risk_list)
        return to_line(record, self.kind.request_type, self.kind.both_names).decode(BYTES)

    def holds_in(self, quarter: int) -> bool:
        """Whether what was made is still right in another quarter hour; offsets seldom change."""
        if "timezone" in fields_of(self.kind.request_type):
            for zones in self.time_zones:
                if utc_offset(zones, quarter) != utc_offset(zones, self.quarter):
                    return False
        self.quarter = quarter
        return True


def write_by_verdict(text: str, digits: str, entry: Entry) -> str:
    """Entry: the finisher, and the class of the number."""
    finisher: LineFinisher = entry[1]
    found = finisher.for_class(entry[2], finisher.risk_list.verdict(digits))
    line: str = found[0](text, digits, found)
    return line


def write_slowly(text: str, digits: str, entry: Entry) -> str:
    """Entry: the finisher."""
    finisher: LineFinisher = entry[1]
    return finisher.slow_line(text)
