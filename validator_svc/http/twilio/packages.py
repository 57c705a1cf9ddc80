"""Packages of data beside the basic lookup, which alone is free: what each has, and what of it is known here.

Of a package that was not asked for there is null. `error_code` is null where it is answered; with a code
the package failed, and the rest of the answer stands.
"""

from collections.abc import Iterable, Mapping

from validator_svc.numbering import facts
from validator_svc.numbering.facts import RequestType
from validator_svc.record.record import FINE, PLAN

Package = dict[str, object]

LINE_STATUS, LINE_TYPE = "line_status", "line_type_intelligence"
BASIC = "validation"
"""May stand among the fields; it is in every answer."""

MOST_NUMBERS = 500
"""In one request."""

FIELDS: dict[str, tuple[str, ...]] = {
    "caller_name": ("caller_name", "caller_type"),
    "sim_swap": ("last_sim_swap", "carrier_name", "mobile_country_code", "mobile_network_code"),
    "call_forwarding": ("call_forwarding_enabled",),
    LINE_STATUS: ("status",),
    LINE_TYPE: ("mobile_country_code", "mobile_network_code", "carrier_name", "type"),
    "identity_match": (
        *("first_name_match", "last_name_match", "address_lines_match", "city_match", "state_match"),
        *("postal_code_match", "address_country_match", "national_id_match", "date_of_birth_match"),
        *("summary_score", "error_message"),
    ),
    "reassigned_number": ("last_verified_date", "is_number_reassigned"),
    "sms_pumping_risk": (
        *("carrier_risk_category", "number_blocked", "number_blocked_date"),
        *("number_blocked_last_3_months", "sms_pumping_risk_score"),
    ),
    "phone_number_quality_score": (),
    "pre_fill": (),
}
"""By package, in the order of an answer: its fields, beside `error_code`."""

NEEDS: dict[str, RequestType] = {LINE_TYPE: "analysis", LINE_STATUS: "validation"}
"""The request type that tells what a package has; of the others nothing is known here."""

# Its own codes: outside the coverage, quota used up; and as of its API a fault, no answer, no answer in time.
NOT_COVERED, QUOTA_USED_UP, FAULT, UNAVAILABLE, TIMED_OUT = 60610, 60611, 20500, 20503, 20504
ERROR_CODES = {"013": FAULT, "041": TIMED_OUT, "042": UNAVAILABLE, "091": QUOTA_USED_UP}

LINE_TYPES = {
    facts.MOBILE: "mobile",
    facts.LANDLINE: "landline",
    # Of its two words for these, that for numbers that are tied to no place.
    facts.VOIP: "nonFixedVoip",
    facts.TOLL_FREE: "tollFree",
    facts.PREMIUM_RATE: "premium",
    facts.SHARED_COST: "sharedCost",
    facts.PERSONAL: "personal",
    facts.PAGER: "pager",
    facts.UAN: "uan",
    facts.VOICEMAIL: "voicemail",
}
UNKNOWN = "unknown"
WITH_CARRIER = frozenset({"mobile", "landline", "nonFixedVoip"})
"""The types of lines of which it tells the carrier and the network."""
REACHABLE = {True: "reachable", False: "unreachable", None: UNKNOWN}


def request_type_of(packages: Iterable[str]) -> RequestType:
    """The least request type that tells of all these packages."""
    needed = {NEEDS[package] for package in packages if package in NEEDS}
    return "validation" if "validation" in needed else "analysis" if needed else "format"


def packages_of(record: Mapping[str, object], asked: Iterable[str]) -> Package:
    """All packages of an answer, by name; null where not asked for, and of a number that is not valid."""
    asked = set(asked) if record["is_valid"] else set()
    return {name: package_of(name, record) if name in asked else None for name in FIELDS}


def package_of(name: str, record: Mapping[str, object]) -> Package:
    """One package of a valid number, of whose record it is made."""
    if name not in NEEDS:
        return failed(name, NOT_COVERED)
    if record["error_code"] != FINE:
        return failed(name, ERROR_CODES[str(record["error_code"])])
    if name == LINE_TYPE:
        return line_type(record)
    if record["source"] == PLAN:
        return failed(name, NOT_COVERED)
    reachable = record["reachable"]
    assert reachable is None or isinstance(reachable, bool)
    return {"status": REACHABLE[reachable], "error_code": None}


def failed(name: str, code: int) -> Package:
    """A package of which nothing can be told, for a reason."""
    return {**dict.fromkeys(FIELDS[name]), "error_code": code}


def line_type(record: Mapping[str, object]) -> Package:
    """What a record tells of the line."""
    name = LINE_TYPES.get(str(record["phone_type"]), UNKNOWN)
    known = record if name in WITH_CARRIER else {}
    return {
        "mobile_country_code": known.get("mcc"),
        "mobile_network_code": known.get("mnc"),
        "carrier_name": known.get("carrier_name"),
        "type": name,
        "error_code": None,
    }
