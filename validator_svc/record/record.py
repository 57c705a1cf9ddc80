"""The record: what is answered for one number, and its encodings.

Here, and only here, stand the names that go over the wire, in their order, with what each means: whoever
writes, reads, documents or explains records asks for them here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Annotated, NamedTuple, get_type_hints

import orjson

from validator_svc.numbering import facts
from validator_svc.numbering.facts import REQUEST_TYPES, PlanAnswer, RequestType
from validator_svc.numbering.networks import network_of
from validator_svc.numbering.offsets import utc_offset
from validator_svc.numbering.risk import NO_LIST, RiskList, is_risky

FREE = "0"
PLAN = "plan"
FINE = "000"
WRONG_FORMAT = "021"

# The check itself succeeded for these: the number is in the right form, and not in use.
CHECKED_REASONS = frozenset({None, facts.UNALLOCATED_RANGE, facts.REJECTED_UPSTREAM})


class Told(NamedTuple):
    """What is to be known of a field of the record beside its name and its type."""

    meaning: str
    """In words for people."""
    by: RequestType = "format"
    """The least request type whose records have it."""
    second_name: str = ""
    """What the public API calls it now, where it gave it another name."""


@dataclass(slots=True)
class Record:
    """One number's answer. None means unknown or not applicable, never false."""

    phone_number: Annotated[str, Told("the number exactly as it was sent")]
    is_valid: Annotated[
        bool, Told("whether it is in an assigned range of its country's numbering plan", second_name="valid")
    ]
    country_code: Annotated[str | None, Told("the country, as ISO 3166-1 alpha-2 has it")] = None
    e164_format: Annotated[str, Told("the number in the international form of ITU-T E.164: + and digits")] = (
        ""
    )
    national_format: Annotated[str, Told("the number as people of its country write it")] = ""
    ported: Annotated[
        bool | None, Told("whether the number was taken along to another carrier", "analysis")
    ] = None
    mcc: Annotated[str | None, Told("mobile country code of the network, ITU-T E.212", "analysis")] = None
    mnc: Annotated[str | None, Told("mobile network code of the network, ITU-T E.212", "analysis")] = None
    phone_type: Annotated[
        str | None, Told("what kind of line the number is for", "analysis", "number_type")
    ] = None
    carrier_name: Annotated[str | None, Told("the carrier", "analysis")] = None
    risky_destination: Annotated[
        bool | None,
        Told("whether traffic pumping uses the range: calls and messages to it may cost a lot", "analysis"),
    ] = None
    unallocated_range: Annotated[
        bool | None, Told("whether the length is right but nobody was given the range", "analysis")
    ] = None
    reachable: Annotated[
        bool | None, Told("whether the phone answers the network at this moment", "validation")
    ] = None
    roaming: Annotated[
        bool | None,
        Told("whether the phone is in another network than its own at this moment", "validation"),
    ] = None
    timezone: Annotated[
        str | None, Told("the number's offset from UTC, at the time of this answer", "validation")
    ] = None
    cost: Annotated[str, Told("what this answer cost now, in USD", second_name="charge")] = FREE
    error_code: Annotated[str, Told("whether the check itself went well")] = FINE
    source: Annotated[str, Told("where the answer comes from")] = PLAN
    reason: Annotated[str | None, Told("why the number is invalid")] = None


FIELDS: dict[str, Told] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Record, include_extras=True).items()
}
"""By name, in wire order."""
SECOND_NAME = {name: told.second_name for name, told in FIELDS.items() if told.second_name}


@cache
def fields_of(request_type: RequestType) -> tuple[str, ...]:
    """The fields that a record of this type has, in wire order."""
    known = REQUEST_TYPES[: REQUEST_TYPES.index(request_type) + 1]
    return tuple(name for name, told in FIELDS.items() if told.by in known)


@cache
def wire_names(request_type: RequestType, both_names: bool = False) -> tuple[tuple[str, str], ...]:
    """(name on the wire, field of the record) in wire order.

    With `both_names` a field that the public API renamed comes under both names, side by side.
    """
    names: list[tuple[str, str]] = []
    for field in fields_of(request_type):
        names.append((field, field))
        if both_names and field in SECOND_NAME:
            names.append((SECOND_NAME[field], field))
    return tuple(names)


def from_plan(text: str, answer: PlanAnswer, quarter: int | None, risk_list: RiskList = NO_LIST) -> Record:
    """The record of a number for which the numbering plan alone is asked.

    `text` is the number as the caller sent it; `quarter` the quarter hour (see `offsets`) for
    which the time zone's offset is given, None where it is not wanted.
    """
    plan = answer.facts
    record = Record(
        phone_number=text,
        is_valid=plan.reason is None,
        e164_format=answer.e164,
        national_format=answer.national_format,
        risky_destination=is_risky(answer, risk_list),
        error_code=FINE if plan.reason in CHECKED_REASONS else WRONG_FORMAT,
        reason=plan.reason,
    )
    if plan.reason == facts.UNALLOCATED_RANGE:
        record.unallocated_range = True
    if not record.is_valid:
        return record
    record.unallocated_range = False
    record.country_code = plan.region_code
    record.phone_type = plan.line_type
    record.carrier_name = plan.original_carrier
    if quarter is not None:
        record.timezone = utc_offset(plan.time_zones, quarter)
    if plan.region_code and not plan.is_portable:
        record.ported = False
    if plan.line_type == facts.MOBILE and plan.region_code:
        record.mcc, record.mnc = network_of(plan.region_code, plan.original_carrier)
    return record


def unreadable_line() -> Record:
    """The record of a line of an NDJSON request that holds no number that could be read."""
    return Record(phone_number="", is_valid=False, error_code=WRONG_FORMAT, reason=facts.UNREADABLE_LINE)


def unknown_country(text: str) -> Record:
    """The record of a national number whose row names no country that there is."""
    return Record(phone_number=text, is_valid=False, error_code=WRONG_FORMAT, reason=facts.UNKNOWN_COUNTRY)


def to_dict(record: Record, request_type: RequestType, both_names: bool = False) -> dict[str, object]:
    """The record as a JSON object, fields in wire order."""
    names, values_of = _taken_apart(request_type, both_names)
    return dict(zip(names, values_of(record), strict=True))


@cache
def _taken_apart(
    request_type: RequestType, both_names: bool
) -> tuple[tuple[str, ...], Callable[[Record], tuple[object, ...]]]:
    """The names on the wire, and what gives a record's values under them."""
    names, fields = zip(*wire_names(request_type, both_names), strict=True)
    return names, attrgetter(*fields)


def to_line(record: Record, request_type: RequestType, both_names: bool = False) -> bytes:
    """The record as one line of NDJSON, UTF-8, with its line end."""
    return orjson.dumps(to_dict(record, request_type, both_names), option=orjson.OPT_APPEND_NEWLINE)


def to_row(record: Record, request_type: RequestType) -> list[str]:
    """The record as cells of CSV under `fields_of(request_type)`: null empty, booleans `true`/`false`."""
    return [cell(getattr(record, field)) for field in fields_of(request_type)]


def cell(value: str | bool | None) -> str:
    """One field's value as it stands in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
