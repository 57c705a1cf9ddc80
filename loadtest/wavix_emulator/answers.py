"""The truth about each number, as this upstream sees it: a pure function of the number's digits.

Nothing is looked up or parsed: a stable hash of the digits decides, so that a test can ask for the
truth beside the server, and the server can answer tens of thousands of numbers a second.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.carrierdata import CARRIER_DATA, CARRIER_LONGEST_PREFIX

Item = dict[str, Any]
"""One number's record in JSON terms, under the older generation of names (see `wording`)."""

TYPES = ("format", "analysis", "validation")
FINE = "000"
WRONG_FORMAT = "021"

# ITU-T E.164: at most 15 digits, calling code included. Nothing in use is shorter than 4.
SHORTEST, LONGEST = 4, 15
NON_GEOGRAPHIC = "001"
NANP = "1"
WRITTEN_BETWEEN_DIGITS = str.maketrans("", "", " -.()/")

REGION_OF_CODE = {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}

# ITU-T E.212 mobile country codes of some large countries; 001 is E.212's code for test networks.
MCC_OF_REGION = {
    "AE": "424",
    "BR": "724",
    "CN": "460",
    "DE": "262",
    "FR": "208",
    "GB": "234",
    "ID": "510",
    "IN": "404",
    "JP": "440",
    "NG": "621",
    "TR": "286",
    "US": "310",
    "ZA": "655",
}
TEST_MCC = "001"

# Only countries with one zone and no daylight saving: an answer here may not depend on the day.
TIMEZONE_OF_REGION = {
    "AE": "UTC+04:00",
    "CN": "UTC+08:00",
    "IN": "UTC+05:30",
    "JP": "UTC+09:00",
    "NG": "UTC+01:00",
    "TR": "UTC+03:00",
    "ZA": "UTC+02:00",
}

# Carriers of numbers whose range has no carrier on record, and those that numbers are ported to.
INVENTED_CARRIERS = ("Aurora Mobile", "Borealis", "Cedar Telecom", "Delta Wireless", "Ember", "Fjord Mobil")

ANALYSIS_FIELDS = (
    "ported",
    "mcc",
    "mnc",
    "phone_type",
    "carrier_name",
    "risky_destination",
    "unallocated_range",
)
FIELDS_OF_TYPE = {
    "format": (),
    "analysis": ANALYSIS_FIELDS,
    "validation": (*ANALYSIS_FIELDS, "reachable", "roaming", "timezone"),
}


class Traits(NamedTuple):
    """What the hash of a number makes of it; the shares are of all numbers of the right form."""

    not_in_use: bool
    """2 %: the live source calls it invalid, whatever the numbering plan says."""
    carrier_known: bool
    """96 %; without it carrier, networks and porting are null."""
    ported: bool
    """15 %."""
    risky: bool
    """2 %."""
    reachable: bool | None
    """Mobile only: 87 % yes, 10 % no, 3 % unknown."""
    roaming: bool | None
    """Mobile only: 6 % of the reachable; null when not reachable."""
    pick: int
    """0 to 2**32 - 1, for whatever else is to be chosen."""


def answer(number: str, request_type: str) -> Item:
    """The truth about one number: the record of this type, with cost `"0"`.

    `number` comes as callers write it, international, with or without `+` (`+62 811-1234-5678`);
    it is echoed as it came. `request_type` is one of `TYPES`. Fields that the type does not have
    are absent. A number of the wrong form has error code `021` and nulls; one that is not in use
    has `000`, `is_valid` false and nulls but for the two formats.

    Known simplifications: the country is the main one of the calling code, the national format has
    no grouping, and a number is mobile where `phonenumbers` has a carrier for its range.
    """
    digits = digits_of(number)
    code = calling_code(digits)
    item: Item = {"phone_number": number, "is_valid": False, "country_code": None}
    item["e164_format"] = f"+{digits}" if code else ""
    item["national_format"] = digits[len(code) :] if code else ""
    item.update(dict.fromkeys(FIELDS_OF_TYPE[request_type]))
    item["cost"] = "0"
    item["error_code"] = FINE if code else WRONG_FORMAT
    if code:
        fill(item, digits, code, traits(digits), request_type)
    return item


def fill(item: Item, digits: str, code: str, of: Traits, request_type: str) -> None:
    """Set the fields of a number of the right form; a number that is not in use keeps its nulls."""
    if of.not_in_use:
        return
    region = REGION_OF_CODE[code]
    item["is_valid"] = True
    item["country_code"] = region if region != NON_GEOGRAPHIC else None
    if request_type == "format":
        return
    mobile = is_mobile(digits, code, of)
    item["phone_type"] = "mobile" if mobile else "landline"
    item["risky_destination"] = of.risky
    item["unallocated_range"] = False
    if of.carrier_known:
        carrier = current_carrier(digits, of)
        item["ported"] = of.ported
        item["carrier_name"] = carrier
        if mobile:
            item["mcc"] = MCC_OF_REGION.get(region, TEST_MCC)
            item["mnc"] = mnc_of(carrier)
    if request_type == "validation":
        item["timezone"] = TIMEZONE_OF_REGION.get(region)
        if mobile:
            item["reachable"], item["roaming"] = of.reachable, of.roaming


def digits_of(number: str) -> str:
    """The number's digits without `+` and separators (`62811…`); `""` when it is not a number."""
    digits = number if number.isdigit() else number.translate(WRITTEN_BETWEEN_DIGITS).removeprefix("+")
    return digits if digits.isascii() and digits.isdigit() else ""


def calling_code(digits: str) -> str:
    """The country calling code that the digits begin with; `""` when there is none or the length is wrong."""
    if not SHORTEST <= len(digits) <= LONGEST:
        return ""
    return next((digits[:n] for n in (1, 2, 3) if digits[:n] in REGION_OF_CODE), "")


def traits(digits: str) -> Traits:
    """What the hash of these digits decides."""
    seed = int.from_bytes(blake2b(digits.encode(), digest_size=16).digest(), "big")
    rest, pick = divmod(seed, 2**32)
    rest, use = divmod(rest, 100)
    rest, carrier = divmod(rest, 100)
    rest, ported = divmod(rest, 100)
    rest, risk = divmod(rest, 100)
    rest, reach = divmod(rest, 100)
    roaming = rest % 100 < 6
    reachable = None if reach < 3 else reach >= 13
    return Traits(
        not_in_use=use < 2,
        carrier_known=carrier >= 4,
        ported=ported < 15,
        risky=risk < 2,
        reachable=reachable,
        roaming=roaming if reachable else None,
        pick=pick,
    )


def is_mobile(digits: str, code: str, of: Traits) -> bool:
    """Mobile or landline; in the NANP, whose ranges do not tell, the hash decides."""
    return of.pick % 2 == 0 if code == NANP else range_carrier(digits) is not None


def range_carrier(digits: str) -> str | None:
    """The carrier to which the number's range was allocated (libphonenumber's data), None if unknown."""
    for length in range(min(CARRIER_LONGEST_PREFIX, len(digits)), 0, -1):
        names = CARRIER_DATA.get(digits[:length])
        if names:
            return names.get("en")
    return None


def allocated_carrier(number: str) -> str:
    """The carrier that the number had before any porting, by the emulator's own account."""
    digits = digits_of(number)
    return range_carrier(digits) or INVENTED_CARRIERS[traits(digits).pick % len(INVENTED_CARRIERS)]


def current_carrier(digits: str, of: Traits) -> str:
    """The allocated carrier, or another one when the number is ported."""
    allocated = allocated_carrier(digits)
    if not of.ported:
        return allocated
    others = [name for name in INVENTED_CARRIERS if name != allocated]
    return others[of.pick % len(others)]


@lru_cache(maxsize=4096)
def mnc_of(carrier: str) -> str:
    """A carrier's mobile network code: two digits, leading zeros kept."""
    return f"{blake2b(carrier.encode(), digest_size=1).digest()[0] % 99 + 1:02}"
