"""Reading a number: any text to a parsed number, or to the reason why there is none.

`phonenumbers` does the parsing; here stands what callers of this service write beyond that:
international numbers without `+` or with `00`. What spreadsheets do to numbers, and what comes
along when a number is copied from a page, is undone before (`tidying`).
"""

import re
import unicodedata
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from validator_svc.numbering import facts
from validator_svc.numbering.characters import PLUS_SIGNS
from validator_svc.numbering.tidying import is_scientific, tidied, without_decimals

# The longest text that is looked at; `phonenumbers` itself refuses more than 250 characters.
MAX_TEXT = 1_000

PARSE_REASON = {
    NumberParseException.INVALID_COUNTRY_CODE: facts.INVALID_COUNTRY_CODE,
    NumberParseException.NOT_A_NUMBER: facts.NOT_A_NUMBER,
    NumberParseException.TOO_SHORT_AFTER_IDD: facts.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: facts.TOO_SHORT,
    NumberParseException.TOO_LONG: facts.TOO_LONG,
}

START = re.compile(rf"[{PLUS_SIGNS}\d]")
ONE_OR_TWO_DIGITS = re.compile(r"\W*(?:\d\W*){1,2}")
GLOBAL_CONTEXT = ";phone-context=+"


class Reading(NamedTuple):
    """A parsed number, or the reason why the text holds none. Exactly one of the two is set."""

    number: PhoneNumber | None
    reason: str | None


def read(text: str, region_code: str | None = None) -> Reading:
    """Read one number out of any text.

    `text` is read as an international number, with or without its `+` (or with `00` for it).
    With `region_code` (ISO 3166-1 alpha-2, one that `phonenumbers` supports) it is first read as
    somebody in that region would dial it, then as international; the first valid reading wins,
    and when none is valid the first one is reported.
    """
    if len(text) > MAX_TEXT:
        return Reading(None, facts.TOO_LONG)
    tidy = tidied(text)
    if not tidy:
        return Reading(None, facts.EMPTY)
    if is_scientific(tidy):
        return Reading(None, facts.SCIENTIFIC_NOTATION)
    tidy = without_decimals(tidy)
    if region_code is None:
        return parse(as_international(tidy))
    first = parse(tidy, region_code)
    if is_valid(first):
        return first
    second = parse(as_international(tidy))
    return second if is_valid(second) else first


def as_international(tidy: str) -> str:
    """The text with a `+` in front of its first digit; `00` there stands for the `+`."""
    start = START.search(tidy)
    if start is None or has_plus(tidy, start):
        return tidy
    junk, digits = tidy[: start.start()], tidy[start.start() :]
    return f"{junk}+{digits[2:] if has_zeros(digits) else digits}"


def begins_international(text: str) -> bool:
    """Whether `+` or `00` stands before the first digit, so that no country is needed to read it."""
    tidy = tidied(text[:MAX_TEXT])
    start = START.search(tidy)
    return start is not None and (has_plus(tidy, start) or has_zeros(tidy[start.start() :]))


def has_plus(tidy: str, start: re.Match[str]) -> bool:
    """Whether there is a `+` before the first digit, or in the context of a `tel:` URI."""
    return start[0] in PLUS_SIGNS or GLOBAL_CONTEXT in tidy


def has_zeros(digits: str) -> bool:
    """Whether it begins with `00`, in digits of any script."""
    return [unicodedata.digit(character, -1) for character in digits[:2]] == [0, 0]


def parse(text: str, region_code: str | None = None) -> Reading:
    """What `phonenumbers` makes of `text`, its errors as reasons."""
    try:
        return Reading(phonenumbers.parse(text, region_code), None)
    except NumberParseException as error:
        if error.error_type == NumberParseException.NOT_A_NUMBER and ONE_OR_TWO_DIGITS.fullmatch(text):
            return Reading(None, facts.TOO_SHORT)
        return Reading(None, PARSE_REASON[error.error_type])


def is_valid(reading: Reading) -> bool:
    """Whether the reading is a number in an assigned range."""
    return reading.number is not None and phonenumbers.is_valid_number(reading.number)
