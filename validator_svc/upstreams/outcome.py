"""A live answer: what an upstream said of one number, and how it joins what the plan knows."""

from enum import StrEnum
from typing import NamedTuple

from validator_svc.numbering import facts
from validator_svc.record.record import FREE, Record

CACHE = "cache"

INTERNAL_ERROR = "013"
UPSTREAM_TIMEOUT = "041"
UPSTREAM_FAILED = "042"
NO_FUNDS = "091"
FAILURES = frozenset({INTERNAL_ERROR, UPSTREAM_TIMEOUT, UPSTREAM_FAILED, NO_FUNDS})

# What numbers are whose plan does not tell mobile from landline.
TOLD_APART = (facts.MOBILE, facts.LANDLINE, facts.VOIP)

# What a live source says of a number that is not in use; None: the allocation still holds.
NOT_KNOWN_LIVE = (None, None)


class LiveAnswer(NamedTuple):
    """One number as a live source sees it. None is unknown."""

    at_ms: int
    """When it was true, milliseconds since the epoch."""
    is_valid: bool
    ported: bool | None = None
    mcc: str | None = None
    mnc: str | None = None
    line_type: str | None = None
    current_carrier: str | None = None
    risky: bool | None = None
    reachable: bool | None = None
    roaming: bool | None = None


class Unanswered(StrEnum):
    """What became of a number whose request failed as a whole, so that it is not this number's failure."""

    NOT_ASKED = "not_asked"
    """The upstream did nothing and billed nothing: it may be asked again, as often as it takes."""
    NOT_COVERED = "not_covered"
    """This upstream cannot tell of the number and billed nothing; another one may."""
    UNAVAILABLE = "unavailable"
    """The upstream said that it is not available, and not that it did nothing: hardly anything was billed."""
    UNDER_WAY = "under_way"
    """It may have been billed, but the same supplier is to be asked again: for the job that it is in, or as
    the number was the one that tried whether the supplier is back."""
    LOST = "lost"
    """No usable answer came, and it may have been billed."""


class Outcome(NamedTuple):
    """How the lookup of one number ended: an answer, or a code of `FAILURES`. One of the two is set."""

    answer: LiveAnswer | None
    failure: str | None
    source: str
    """`cache`, or the upstream's name; of a failure perhaps empty: nobody was asked."""
    cost: str = FREE
    """What it cost, decimal string in USD."""
    unanswered: Unanswered | None = None
    """Of a failure: None when it is this number's own, or a time-out, which may have been billed."""


def joined(record: Record, outcome: Outcome, listed_risk: bool | None) -> Record:
    """Complete a valid number's plan record with the outcome of its lookup; changes `record`.

    A failed lookup leaves what the plan knows and says why. Where the live source says that the
    number is not valid, it wins. `listed_risk` is the verdict of the operator's own list.
    """
    record.cost = outcome.cost
    answer = outcome.answer
    if answer is None:
        record.error_code = outcome.failure or INTERNAL_ERROR
        return record
    record.source = outcome.source
    if not answer.is_valid:
        return rejected(record, listed_risk)
    if answer.ported is not None:
        record.ported = answer.ported
    if (answer.mcc, answer.mnc) != NOT_KNOWN_LIVE or answer.ported:
        # After porting the network of the allocation is a wrong answer, not a poorer one.
        record.mcc, record.mnc = answer.mcc, answer.mnc
    if answer.current_carrier is not None or answer.ported:
        record.carrier_name = answer.current_carrier
    if record.phone_type == facts.LANDLINE_OR_MOBILE and answer.line_type in TOLD_APART:
        record.phone_type = answer.line_type
    if answer.risky and listed_risk is None:
        record.risky_destination = True
    record.reachable, record.roaming = answer.reachable, answer.roaming
    return record


def rejected(record: Record, listed_risk: bool | None) -> Record:
    """The record of a number that the plan takes for valid and the live source does not."""
    return Record(
        phone_number=record.phone_number,
        is_valid=False,
        e164_format=record.e164_format,
        national_format=record.national_format,
        risky_destination=listed_risk,
        cost=record.cost,
        source=record.source,
        reason=facts.REJECTED_UPSTREAM,
    )
