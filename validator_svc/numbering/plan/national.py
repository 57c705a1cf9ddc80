"""Lines for texts that may be written as dialled in a region.

A text with `+` means the same everywhere. Any other is first read as dialled in the region, then
as international; the first valid reading counts, and if there is none, the first one.
"""

from collections.abc import Hashable

from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.clean import clean_digits
from validator_svc.numbering.plan.dialling import Dialling
from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.lines import LineWriter
from validator_svc.numbering.plan.tables import MIN_VIABLE, Entry, Tables


class RegionalLineWriter(LineWriter):
    """Writes lines of one kind, for one region."""

    drop_zeros = False

    def __init__(self, atlas: Atlas, finisher: LineFinisher) -> None:
        super().__init__(atlas, finisher)
        assert finisher.kind.region_code is not None
        self.dialling = Dialling(finisher.kind.region_code)
        second = SecondReading(finisher)
        self.second = Tables(atlas, second, Tables(atlas, second))
        first = FirstReading(finisher, self.second)
        self.first_stripped = Tables(atlas, first)
        self.first = Tables(atlas, first, self.first_stripped)

    def plain_lines(self, texts: list[str], digits: list[str]) -> list[str]:
        return [
            self.tables.look_up(text, each) if text[:1] == "+" else self.dialled(text, each)
            for text, each in zip(texts, digits, strict=True)
        ]

    def dialled(self, text: str, digits: str) -> str:
        """The line for a plain text without `+`."""
        found = self.dialling.read(digits) if len(digits) >= MIN_VIABLE else None
        if found is None:
            return self.finisher.slow_line(text)
        tables = self.first_stripped if found.is_stripped else self.first
        line: str = tables.look_up(text, found.digits)
        return line


class FirstReading:
    """Makes the entries that write a line if the first reading is valid, and try the second if not."""

    def __init__(self, finisher: LineFinisher, second: Tables) -> None:
        self.finisher = finisher
        self.second = second
        self.variant = finisher.variant
        self.slow_way = finisher.slow_way

    def for_class(self, number_class: NumberClass, variant: Hashable) -> Entry:
        entry = self.finisher.for_class(number_class, variant)
        return entry if number_class.facts.reason is None else (write_second, self.second, entry)

    def for_reason(self, reason: str) -> Entry:
        return self.finisher.slow_way()


class SecondReading:
    """Makes the entries that write a line if the second reading is valid, and an empty one if not."""

    def __init__(self, finisher: LineFinisher) -> None:
        self.finisher = finisher
        self.variant = finisher.variant
        self.slow_way = finisher.slow_way

    def for_class(self, number_class: NumberClass, variant: Hashable) -> Entry:
        if number_class.facts.reason is None:
            return self.finisher.for_class(number_class, variant)
        return (write_nothing,)

    def for_reason(self, reason: str) -> Entry:
        return (write_nothing,)


def write_second(text: str, digits: str, entry: Entry) -> str:
    """Entry: the tables of second readings, and the entry of the first one."""
    international = clean_digits(text, 1, drop_zeros=True)
    assert international is not None
    first = entry[2]
    line: str = entry[1].look_up(text, international[0]) or first[0](text, digits, first)
    return line


def write_nothing(text: str, digits: str, entry: Entry) -> str:
    return ""
