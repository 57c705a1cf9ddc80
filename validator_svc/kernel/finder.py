"""Finding any text's place in the plan, in plain Python."""

from phonenumbers import national_significant_number

from validator_svc.kernel.interface import UNKNOWN_COUNTRY
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.text import (
    NoNumberError,
    dialled_digits,
    international_digits,
    says_international,
    tidy_of,
)
from validator_svc.kernel.walk import REASONS, UNKNOWN_CODE, Place, Walker
from validator_svc.numbering import facts, reading
from validator_svc.numbering.plan_file import Source
from validator_svc.numbering.reading import MAX_TEXT
from validator_svc.numbering.tidying import tidied

NOWHERE = {
    reason: Place(record_id, False, "", 0, Source.INTERNATIONAL)
    for record_id, reason in enumerate(facts.REASONS)
}
"""Where texts without a number stand, by reason."""


class Finder:
    """Finds texts in one plan; the few that the plan leaves open are asked of `phonenumbers`."""

    def __init__(self, plan: Plan) -> None:
        """Raises PlanFileError."""
        self.plan = plan
        self.walker = Walker(plan)

    def find(self, text: str, region_code: str | None) -> tuple[Place, bool]:
        """The place of a text, and whether it is a number's that was assumed to be international.

        `region_code`: of a region that the plan knows, None, or UNKNOWN_COUNTRY.
        """
        if region_code == UNKNOWN_COUNTRY:
            if not says_international(tidied(text[:MAX_TEXT])):
                return NOWHERE[facts.UNKNOWN_COUNTRY], False
            region_code = None
        try:
            tidy = tidy_of(text)
            if region_code is None:
                digits, says_so = international_digits(tidy)
                place = self.walker.international(digits) or self.slow(text, None)
                return place, not says_so and place.record_id >= REASONS
        except NoNumberError as error:
            return NOWHERE[error.reason], False
        return self.as_written_in(region_code, tidy) or self.slow(text, region_code), False

    def as_written_in(self, region_code: str, tidy: str) -> Place | None:
        """The first valid reading, else the first one; None when `phonenumbers` must say."""
        first = self.first_reading(region_code, tidy)
        if first is None or first.is_valid:
            return first
        try:
            second = self.walker.international(international_digits(tidy).digits)
        except NoNumberError:
            return first
        return second if second is None or second.is_valid else first

    def first_reading(self, region_code: str, tidy: str) -> Place | None:
        """As somebody in the region would dial it; None when `phonenumbers` must say."""
        try:
            digits, has_plus = dialled_digits(tidy)
        except NoNumberError as error:
            return NOWHERE[error.reason]
        if not has_plus:
            return self.walker.as_dialled(digits, region_code)
        place = self.walker.international(digits)
        if place is None or place.record_id != UNKNOWN_CODE:
            return place
        # `phonenumbers` takes the `+` for a slip then, if the digits name a country in another way.
        again = self.walker.as_dialled(digits, region_code)
        return place if again is not None and again.source == Source.DEFAULT else again

    def slow(self, text: str, region_code: str | None) -> Place:
        """The place of a text in which `phonenumbers` finds the number."""
        number, reason = reading.read(text, region_code)
        if number is None:
            return NOWHERE[reason or ""]
        place = self.walker.stripped(f"{number.country_code}{national_significant_number(number)}")
        assert place is not None, "the plan leaves no number open that has been read"
        return place
