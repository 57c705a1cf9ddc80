"""Finding any text's place in the plan, in plain Python."""

from phonenumbers import PhoneNumber, national_significant_number

from validator_svc.kernel.interface import UNKNOWN_COUNTRY
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.text import PLAIN, NoNumberError, TextReader, Tidy, says_international
from validator_svc.kernel.walk import REASONS, UNKNOWN_CODE, Place, Walked, Walker
from validator_svc.numbering import facts, reading
from validator_svc.numbering.plan_file import Source
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.numbering.tidying import tidied

NOWHERE: dict[str, Walked] = {
    reason: (Place(record_id, False, 0), "", Source.INTERNATIONAL)
    for record_id, reason in enumerate(facts.REASONS)
}
"""Where texts without a number stand, by reason."""

Found = tuple[Place, str, bool]
"""Where a text stands in the plan; its international digits, empty where there is no number; whether they
were assumed to be international.
"""

MOST_ASKED = 64
"""Characters of a text of which `phonenumbers` is asked where it reads by patterns that nobody has looked at.
Its patterns take a time that grows with the fourth power of the length: some milliseconds for so many.
"""


class Finder:
    """Finds texts in one plan; numbers that the plan leaves open are asked of `phonenumbers`."""

    def __init__(self, plan: Plan) -> None:
        """Raises PlanFileError."""
        self.plan = plan
        self.walker = Walker(plan)
        self.reader = TextReader(plan)
        self.patterns_known = plan.meta.patterns_known

    def find(self, text: str | None, region_code: str | None) -> Found:
        """Where a text stands; None is a line that could not be read.

        `region_code`: of a region that the plan knows, None, or UNKNOWN_COUNTRY.
        """
        if text is None:
            return nowhere(facts.UNREADABLE_LINE)
        if region_code == UNKNOWN_COUNTRY:
            if not says_international(tidied(text[:MAX_TEXT])):
                return nowhere(facts.UNKNOWN_COUNTRY)
            region_code = None
        if not self.patterns_known and len(text) <= MOST_ASKED and not PLAIN.fullmatch(text):
            return self.asked(text, region_code)
        try:
            tidy = self.reader.tidy(text)
            if region_code is None:
                digits, says_so = self.reader.international(tidy)
                place, digits, _ = self.international(digits)
                return place, digits, not says_so and place.record_id >= REASONS
        except NoNumberError as error:
            return nowhere(error.reason)
        place, digits, _ = self.as_written_in(region_code, tidy)
        return place, digits, False

    def as_written_in(self, region_code: str, tidy: Tidy) -> Walked:
        """The first valid reading, else the first one."""
        first = self.first_reading(region_code, tidy)
        if first[0].is_valid:
            return first
        try:
            second = self.international(self.reader.international(tidy)[0])
        except NoNumberError:
            return first
        return second if second[0].is_valid else first

    def first_reading(self, region_code: str, tidy: Tidy) -> Walked:
        """As somebody in the region would dial it."""
        try:
            digits, has_plus = self.reader.dialled(tidy)
        except NoNumberError as error:
            return NOWHERE[error.reason]
        if not has_plus:
            return self.as_dialled(digits, region_code)
        first = self.international(digits)
        if first[0].record_id != UNKNOWN_CODE:
            return first
        # `phonenumbers` takes the `+` for a slip then, if the digits name a country in another way.
        again = self.as_dialled(digits, region_code)
        return first if again[2] == Source.DEFAULT else again

    def international(self, digits: str) -> Walked:
        """The place of `+digits`."""
        return self.walker.international(digits) or self.of_number(f"+{digits}", None)

    def as_dialled(self, digits: str, region_code: str) -> Walked:
        """The place of digits as they are dialled in a region."""
        return self.walker.as_dialled(digits, region_code) or self.of_number(digits, region_code)

    def of_number(self, digits: str, region_code: str | None) -> Walked:
        """The place of digits of which only `phonenumbers` can say what they are."""
        return self.place_of(*reading.parse(digits, region_code))

    def asked(self, text: str, region_code: str | None) -> Found:
        """What `phonenumbers` reads in a text."""
        place, digits, _ = self.place_of(*reading.read(text, region_code))
        is_assumed = region_code is None and not reading.begins_international(text)
        return place, digits, is_assumed and place.record_id >= REASONS

    def place_of(self, number: PhoneNumber | None, reason: str | None) -> Walked:
        if number is None:
            return NOWHERE[reason or ""]
        walked = self.walker.stripped(f"{number.country_code}{national_significant_number(number)}")
        assert walked is not None, "the plan leaves no number open that has been read"
        return walked


def nowhere(reason: str) -> Found:
    """Where texts without a number stand."""
    return NOWHERE[reason][0], "", False
