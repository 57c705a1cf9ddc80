"""Two readings of one text: the first counts when it is valid, else the second if that is."""

from collections.abc import Hashable

from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.clean import clean_digits
from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.tables import Entry, Tables


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
