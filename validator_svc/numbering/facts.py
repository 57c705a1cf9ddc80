"""What the numbering plan says of a number, before anyone is asked for money.

The words are those of the wire: `reason` names why a number is not valid, `line_type` is what
the wire calls `phone_type`.
"""

from typing import Literal, NamedTuple

RequestType = Literal["format", "analysis", "validation"]
REQUEST_TYPES: tuple[RequestType, ...] = ("format", "analysis", "validation")

EMPTY = "empty"
NOT_A_NUMBER = "not_a_number"
INVALID_COUNTRY_CODE = "invalid_country_code"
TOO_SHORT = "too_short"
TOO_LONG = "too_long"
INVALID_LENGTH = "invalid_length"
LOCAL_ONLY = "local_only"
SCIENTIFIC_NOTATION = "scientific_notation"
UNALLOCATED_RANGE = "unallocated_range"
UNKNOWN_COUNTRY = "unknown_country"
UNREADABLE_LINE = "unreadable_line"
REJECTED_UPSTREAM = "rejected_upstream"

REASONS = (
    EMPTY,
    NOT_A_NUMBER,
    INVALID_COUNTRY_CODE,
    TOO_SHORT,
    TOO_LONG,
    INVALID_LENGTH,
    LOCAL_ONLY,
    SCIENTIFIC_NOTATION,
    UNALLOCATED_RANGE,
    UNKNOWN_COUNTRY,
    UNREADABLE_LINE,
    REJECTED_UPSTREAM,
)

MOBILE = "mobile"
LANDLINE = "landline"
LANDLINE_OR_MOBILE = "landline-or-mobile"
TOLL_FREE = "toll-free"
PREMIUM_RATE = "premium-rate"
SHARED_COST = "shared-cost"
VOIP = "voip"
PERSONAL = "personal"
PAGER = "pager"
UAN = "uan"
VOICEMAIL = "voicemail"

LINE_TYPES = (
    MOBILE,
    LANDLINE,
    LANDLINE_OR_MOBILE,
    TOLL_FREE,
    PREMIUM_RATE,
    SHARED_COST,
    VOIP,
    PERSONAL,
    PAGER,
    UAN,
    VOICEMAIL,
)


class RangeFacts(NamedTuple):
    """What holds for every number of one range of a country's numbering plan.

    All but `reason` are empty for an invalid number.
    """

    reason: str | None
    """None when the number is valid, otherwise one of `REASONS`."""
    region_code: str | None = None
    """ISO 3166-1 alpha-2; None for non-geographic calling codes (+800, +870, +88x, +979)."""
    line_type: str | None = None
    """One of `LINE_TYPES`."""
    original_carrier: str | None = None
    """The carrier to which the range was allocated, in English; wrong after porting."""
    time_zones: tuple[str, ...] = ()
    """IANA names of every zone the number may be in; empty when unknown."""
    is_portable: bool = False
    """Whether mobile numbers of the region may be taken along to another carrier."""


class PlanAnswer(NamedTuple):
    """One number, read and looked up in the numbering plan."""

    facts: RangeFacts
    calling_code: int | None = None
    """ITU-T E.164 country calling code; None when the text could not be parsed."""
    nsn: str = ""
    """National (significant) number, ITU-T E.164, with its leading zeros; no trunk prefix."""
    national_format: str = ""
    """As people of the country write it; empty when the text could not be parsed."""

    @property
    def e164(self) -> str:
        """`+` and digits; empty when the text could not be parsed."""
        return f"+{self.calling_code}{self.nsn}" if self.calling_code else ""


def unparsed(reason: str) -> PlanAnswer:
    """The answer to a text in which no number was found, for `reason`."""
    return PlanAnswer(RangeFacts(reason))
