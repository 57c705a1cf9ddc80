"""What is known of a number that rules ask for: the same for many numbers."""

from typing import NamedTuple

import orjson

from validator_svc.numbering import facts
from validator_svc.numbering.facts import RangeFacts
from validator_svc.record.record import FINE
from validator_svc.record.record import WRONG_FORMAT as WRONG


class Origin(NamedTuple):
    """What the rules of a system may ask of a number."""

    reason: str | None
    """Why it is not valid, one of `facts.REASONS`; None when it is."""
    country: str | None
    """ISO 3166-1 alpha-2; None means unknown."""


class Traits(NamedTuple):
    """A number without its digits. None means unknown."""

    reason: str | None = None
    """Why it is not valid, one of `facts.REASONS`; None when it is."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    line_type: str | None = None
    is_risky: bool | None = None
    reachable: bool | None = None
    error_code: str = FINE

    @property
    def origin(self) -> Origin:
        """What is known of it that depends neither on the range nor on the moment."""
        return Origin(self.reason, self.country)

    @property
    def has_failed(self) -> bool:
        """Whether its lookup failed, so that only the plan is known."""
        return self.error_code not in (FINE, WRONG)


def of_facts(found: RangeFacts, is_risky: bool | None) -> Traits:
    """The traits of a range of the numbering plan."""
    if found.reason is not None:
        return Traits(found.reason, is_risky=is_risky)
    return Traits(None, found.region_code, found.line_type, is_risky)


def of_record(line: bytes) -> tuple[str, Traits]:
    """International digits (empty where there are none), and traits, of a finished record."""
    record = orjson.loads(line)
    traits = Traits(
        record["reason"],
        record["country_code"],
        record.get("phone_type"),
        record.get("risky_destination"),
        record.get("reachable"),
        record["error_code"],
    )
    return record["e164_format"][1:], traits


WHY_INVALID = {
    facts.EMPTY: "is empty",
    facts.NOT_A_NUMBER: "is not a phone number",
    facts.INVALID_COUNTRY_CODE: "has a calling code of no country",
    facts.TOO_SHORT: "is too short",
    facts.TOO_LONG: "is too long",
    facts.INVALID_LENGTH: "has a length that no number of its country has",
    facts.LOCAL_ONLY: "lacks its area code",
    facts.SCIENTIFIC_NOTATION: "has lost digits to scientific notation",
    facts.UNALLOCATED_RANGE: "is in a range that is not allocated",
    facts.UNKNOWN_COUNTRY: "is national, and names no country",
    facts.UNREADABLE_LINE: "cannot be read",
    facts.REJECTED_UPSTREAM: "is not in use, as the live source says",
}
