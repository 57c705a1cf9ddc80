"""Finding one number: its class and its national (significant) number, nothing written."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from phonenumbers import national_significant_number

from validator_svc.numbering import reading, reference
from validator_svc.numbering.facts import PlanAnswer, unparsed
from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.clean import PIECE, clean_digits
from validator_svc.numbering.plan.shapes import write
from validator_svc.numbering.plan.tables import FIRST, Entry, Tables


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
        self.stripped = Tables(atlas, maker)
        self.tables = Tables(atlas, maker, self.stripped)

    def find(self, digits: str) -> Found:
        """The place of `+digits`, ASCII digits only."""
        entry = self.tables.by_length[len(digits)][digits[:FIRST]]
        found: Found = entry[0]("+", digits, entry)
        return found

    def find_all(self, texts: list[str], region_code: str | None = None) -> list[Found]:
        """The place of each text, whatever is in it; read as `reading.read` does with that region."""
        if region_code is None:
            digits = clean_digits("\n".join(texts), len(texts), drop_zeros=True)
            if digits is not None:
                return [self.find(each) for each in digits]
        if len(texts) <= 1:
            return [self.find_read(text, region_code) for text in texts]
        size = PIECE if len(texts) > PIECE else 1
        pieces = (texts[start : start + size] for start in range(0, len(texts), size))
        return [found for piece in pieces for found in self.find_all(piece, region_code)]

    def find_read(self, text: str, region_code: str | None) -> Found:
        """The place of one text that is not plain."""
        number, reason = reading.read(text, region_code)
        if number is None:
            return Found("", None, reason)
        # Its national prefix is off already, and what is left may begin with the same digits.
        digits = f"{number.country_code}{national_significant_number(number)}"
        found: Found = self.stripped.look_up("+", digits)
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
