"""Answers in the shape of Twilio Lookup v2, made of records."""

from collections.abc import Iterable, Mapping

import phonenumbers

from validator_svc.http.twilio.packages import packages_of
from validator_svc.numbering import facts

LookupAnswer = dict[str, object]

CALLING_CODE_DIGITS = 3

# Its words for why a number is not valid.
NOT_A_NUMBER, INVALID_BUT_POSSIBLE = "NOT_A_NUMBER", "INVALID_BUT_POSSIBLE"
VALIDATION_ERRORS = {
    facts.EMPTY: NOT_A_NUMBER,
    facts.NOT_A_NUMBER: NOT_A_NUMBER,
    facts.SCIENTIFIC_NOTATION: NOT_A_NUMBER,
    facts.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    facts.TOO_SHORT: "TOO_SHORT",
    # Without its area code.
    facts.LOCAL_ONLY: "TOO_SHORT",
    facts.TOO_LONG: "TOO_LONG",
    facts.INVALID_LENGTH: "INVALID_LENGTH",
    facts.UNALLOCATED_RANGE: INVALID_BUT_POSSIBLE,
    facts.REJECTED_UPSTREAM: INVALID_BUT_POSSIBLE,
}


def answer_of(record: Mapping[str, object], packages: Iterable[str]) -> LookupAnswer:
    """The answer for one number, with these packages of data."""
    return basic(record) | packages_of(record, packages)


def basic(record: Mapping[str, object]) -> LookupAnswer:
    """What every answer has; of a number that is not valid hardly anything."""
    number = record["e164_format"] or record["phone_number"]
    if not record["is_valid"]:
        return {
            "calling_country_code": None,
            "country_code": None,
            "phone_number": number,
            "national_format": None,
            "valid": False,
            "validation_errors": [VALIDATION_ERRORS[str(record["reason"])]],
        }
    return {
        "calling_country_code": calling_code_of(str(number)),
        "country_code": record["country_code"],
        "phone_number": number,
        "national_format": record["national_format"],
        "valid": True,
        "validation_errors": [],
    }


def calling_code_of(e164: str) -> str:
    """The calling code of a valid number: no code begins with another one."""
    codes = (e164[1 : 1 + digits] for digits in range(1, CALLING_CODE_DIGITS + 1))
    return next(code for code in codes if int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
