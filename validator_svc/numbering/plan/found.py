"""Finding one number: its class and its national (significant) number, nothing written."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from validator_svc.numbering import reading, reference
from validator_svc.numbering.facts import PlanAnswer, unparsed
from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.shapes import write
from validator_svc.numbering.plan.tables import FIRST, MAX_DIGITS, Entry, Tables


class Found(NamedTuple):
    """A number's place in the numbering plan."""

    digits: str
    """International digits, without a national prefix."""
    number_class: NumberClass | None
    """None when there is no number in the digits."""
    reason: str | None
    """None when valid, otherwise one of `facts.REASONS`."""

    def answer(self) -> PlanAnswer:
        """The same as `reference.answer` gives."""
        if self.number_class is None:
            return unparsed(self.reason or "")
        calling_code, facts, shape, length = self.number_class
        nsn = self.digits[-length:]
        return PlanAnswer(facts, calling_code, nsn, write(shape, nsn))


class Finder:
    """Finds numbers by their international digits."""

    def __init__(self, atlas: Atlas) -> None:
        maker = FoundMaker()
        self.tables = Tables(atlas, maker, Tables(atlas, maker))

    def find(self, digits: str) -> Found:
        """The place of `+digits`, ASCII digits only."""
        if len(digits) > MAX_DIGITS:
            return find_slowly("", digits, ())
        entry = self.tables.by_length[len(digits)][digits[:FIRST]]
        found: Found = entry[0]("+", digits, entry)
        return found


class FoundMaker:
    """Makes the entries that say what was found."""

    def variant(self, beginning: str) -> None:
        return None

    def for_class(self, number_class: NumberClass, variant: Hashable) -> Entry:
        return (found_class, number_class, number_class.facts.reason)

    def for_reason(self, reason: str) -> Entry:
        return (found_nothing, Found("", None, reason))

    def slow_way(self) -> Entry:
        return (find_slowly,)


def found_class(text: str, digits: str, entry: Entry) -> Found:
    """Entry: the class and its reason."""
    return Found(digits, entry[1], entry[2])


def found_nothing(text: str, digits: str, entry: Entry) -> Any:
    """Entry: what was found."""
    return entry[1]


def find_slowly(text: str, digits: str, entry: Entry) -> Found:
    """Entry: nothing more."""
    number, reason = reading.read("+" + digits)
    if number is None:
        return Found("", None, reason)
    facts, calling_code, nsn, national_format = reference.answer(number)
    assert calling_code is not None
    number_class = NumberClass(calling_code, facts, (national_format,), len(nsn))
    return Found(f"{calling_code}{nsn}", number_class, facts.reason)
