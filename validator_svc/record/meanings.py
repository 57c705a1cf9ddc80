"""What each field of a record says, in words for people: what it means, and what this value of it means."""

from collections.abc import Mapping

from validator_svc.numbering.reading import begins_international
from validator_svc.record.record import FIELDS

Value = str | bool | None

MEANING = {name: told.meaning for name, told in FIELDS.items()}

# What null says of a number that is valid; of one that is not, it says that there is nothing to tell.
UNKNOWN = {
    "country_code": "the calling code belongs to no country, but to a service such as satellite telephony",
    "ported": "not known: only a live source can tell; null is never no",
    "mcc": "not known, or the number is no mobile one",
    "mnc": "not known, or the number is no mobile one",
    "carrier_name": "not known: the country does not publish whose range it is, or carriers share it",
    "reachable": "not known: only a live source can tell, and only of mobile numbers; null is never no",
    "roaming": "not known: only a live source can tell, and only of mobile numbers; null is never no",
    "timezone": "the numbers of this range are in zones whose offsets differ",
    "reason": "nothing is wrong with it",
}

ERRORS = {
    "000": "the check went well",
    "013": "an error inside the live source; what the numbering plan knows stands",
    "021": "the text has not the length or the form of a phone number",
    "041": "the live source did not answer in time; what the numbering plan knows stands",
    "042": "the live source could not answer; what the numbering plan knows stands",
    "091": "the account at the live source has no funds; what the numbering plan knows stands",
}

SOURCES = {
    "plan": "the numbering plan, for nothing",
    "cache": "an answer of the live source that was paid for before and kept",
}

REASONS = {
    "empty": "there is nothing but blanks",
    "not_a_number": "no phone number can be read in it",
    "invalid_country_code": "no country or service has the calling code that it begins with;"
    " a national number needs its country beside it",
    "too_short": "it has fewer digits than any number of its country; some may be lost",
    "too_long": "it has more digits than any number of its country; there may be two numbers in it",
    "invalid_length": "no number of its country has so many digits, though shorter and longer ones exist",
    "local_only": "the area code is missing: it can be dialled from its own town only",
    "scientific_notation": "a spreadsheet rounded it and its last digits are lost;"
    " make the column text there and export it again",
    "unallocated_range": "the length is right, but nobody was given its range",
    "unknown_country": "its row names no country that there is, and it has no + or 00",
    "unreadable_line": "the line could not be read",
    "rejected_upstream": "the numbering plan would allow it; the live source says that it is not in use",
}

PLAN_CARRIER = "the carrier that the range was given to; after porting it is another one"


def meaning_of(field: str, record: Mapping[str, Value]) -> str:
    """What a field of this record says: its meaning; then what is to be known of its value."""
    note = note_on(field, record)
    return f"{MEANING[field]}; {note}" if note else MEANING[field]


def note_on(field: str, record: Mapping[str, Value]) -> str | None:
    """What is to be known of this value beyond the field's meaning; None: it speaks for itself."""
    value = record[field]
    if field == "reason" and isinstance(value, str):
        return REASONS.get(value)
    if value is None:
        return UNKNOWN.get(field) if record["is_valid"] else "nothing to tell of an invalid number"
    if field == "error_code":
        return ERRORS.get(str(value))
    if field == "source":
        return SOURCES.get(str(value), "a live source, now")
    if field == "carrier_name" and record["source"] == "plan":
        return PLAN_CARRIER
    if field == "ported" and value is False and record["source"] == "plan":
        return "its country has no number portability"
    if field == "phone_type" and value == "landline-or-mobile":
        return "the country's plan does not tell the two apart"
    return None


def how_read(text: str, region_code: str | None) -> str:
    """In which way a number was read: as it says itself, in a country, or as international without one."""
    if begins_international(text):
        return "it says itself that it is international"
    if region_code is not None:
        return f"read as people in {region_code} dial it, or else as international without its +"
    return "read as international without its +, as no country was given"
