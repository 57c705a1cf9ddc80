"""Reading texts in plain Python: from what somebody wrote to the digits, by `phonenumbers`' own steps.

What comes before `phonenumbers` is in `numbering.reading`; this follows it, and `phonenumbers.parse`
up to where the digits are known.
"""

import re
import unicodedata
from typing import NamedTuple

from phonenumbers import NumberParseException
from phonenumbers.phonenumberutil import (
    _ALPHA_PHONE_MAPPINGS,
    _MAX_INPUT_STRING_LENGTH,
    _PLUS_CHARS_PATTERN,
    _VALID_ALPHA_PHONE_PATTERN,
    _build_national_number_for_parsing,
    _is_viable_phone_number,
    _maybe_strip_extension,
    _normalize,
)

from validator_svc.numbering import facts
from validator_svc.numbering.characters import PLUS_SIGNS
from validator_svc.numbering.reading import (
    GLOBAL_CONTEXT,
    MAX_TEXT,
    ONE_OR_TWO_DIGITS,
    START,
    as_international,
)
from validator_svc.numbering.tidying import is_scientific, tidied, without_decimals

# Read alike by everybody, whatever else `phonenumbers` learns.
PLAIN = re.compile(r"\+?[0-9][0-9 ()./-]{2,200}")
NO_DIGITS = str.maketrans("", "", "+ ()./-")
# The extensions there are nearly always; with another one it takes six times as long to see.
PLAIN_EXTENSION = re.compile(r"(\+?[0-9][0-9 ().-]+?) *(?:;ext=| ext\.? ?| x ?)[0-9]{1,6}")
# Without one of these there is no extension.
EXTENSION_SIGN = re.compile(r"[^0-9+ ().-]")
FEWEST_DIGITS = 3
TWO_ZEROS = 2
FEWEST_DIALLED = 2


class Digits(dict[int, str | None]):
    """For `str.translate`: decimal digits of all scripts to ASCII, and of the rest what `keeps` says."""

    def __init__(self, keeps_others: bool) -> None:
        self.keeps_others = keeps_others

    def __missing__(self, code: int) -> str | None:
        value = unicodedata.decimal(chr(code), None)
        other = chr(code) if self.keeps_others else None
        digit = self[code] = other if value is None else str(value)
        return digit


IN_ASCII = Digits(keeps_others=True)
DIGITS_ONLY = Digits(keeps_others=False)
KEYPAD = {code: chr(code) if chr(code).isdigit() else None for code in range(128)}
KEYPAD |= {ord(letter): digit for letter, digit in _ALPHA_PHONE_MAPPINGS.items()}
KEYPAD |= {ord(letter.lower()): digit for letter, digit in _ALPHA_PHONE_MAPPINGS.items()}


class Dialled(NamedTuple):
    """The digits in a text."""

    digits: str
    is_international: bool
    """Whether a `+`, or where it may stand for one `00`, is in front."""


class NoNumberError(Exception):
    """A text in which there is no number."""

    def __init__(self, reason: str) -> None:
        """`reason`: one of `facts.REASONS`."""
        super().__init__(reason)
        self.reason = reason


def tidy_of(text: str) -> str:
    """The text as it is to be read; raises NoNumberError when there is nothing to be read."""
    if PLAIN.fullmatch(text) and "." not in text:
        return text
    if len(text) > MAX_TEXT:
        raise NoNumberError(facts.TOO_LONG)
    tidy = tidied(text)
    if not tidy:
        raise NoNumberError(facts.EMPTY)
    if is_scientific(tidy):
        raise NoNumberError(facts.SCIENTIFIC_NOTATION)
    tidy = without_decimals(tidy)
    in_ascii = tidy if tidy.isascii() else tidy.translate(IN_ASCII)
    return in_ascii if PLAIN.fullmatch(in_ascii) else tidy


def plain_digits(tidy: str) -> str:
    """The digits of a text that everybody reads alike; empty for other texts, and for few digits."""
    digits = tidy.translate(NO_DIGITS) if PLAIN.fullmatch(tidy) else ""
    return digits if len(digits) >= FEWEST_DIGITS else ""


def international_digits(tidy: str) -> Dialled:
    """The digits of a text that is read as international. Raises NoNumberError."""
    digits = plain_digits(tidy)
    if len(digits) >= TWO_ZEROS + FEWEST_DIGITS:
        if tidy.startswith("00"):
            return Dialled(digits[TWO_ZEROS:], True)
        return Dialled(digits, tidy[0] == "+")
    digits, has_plus = dialled_digits(as_international(tidy))
    if not has_plus:
        raise NoNumberError(facts.INVALID_COUNTRY_CODE)
    return Dialled(digits, says_international(tidy))


def dialled_digits(tidy: str) -> Dialled:
    """The digits of a text as `phonenumbers` reads it, which knows `+` only. Raises NoNumberError."""
    if digits := plain_digits(tidy):
        return Dialled(digits, tidy[0] == "+")
    number = possible_number(tidy)
    extended = PLAIN_EXTENSION.fullmatch(number)
    plain = extended[1] if extended else number
    if digits := plain_digits(plain):
        return Dialled(digits, plain[0] == "+")
    if not _is_viable_phone_number(number):
        few = ONE_OR_TWO_DIGITS.fullmatch(tidy)
        raise NoNumberError(facts.TOO_SHORT if few else facts.NOT_A_NUMBER)
    if EXTENSION_SIGN.search(number):
        _, number = _maybe_strip_extension(number)
    has_plus = _PLUS_CHARS_PATTERN.match(number) is not None
    digits = normalized(number)
    if len(digits) < (FEWEST_DIGITS if has_plus else FEWEST_DIALLED):
        raise NoNumberError(facts.TOO_SHORT)
    return Dialled(digits, has_plus)


def possible_number(tidy: str) -> str:
    """The part of a text in which a number may be; empty when none is. Raises NoNumberError."""
    if len(tidy) > _MAX_INPUT_STRING_LENGTH:
        raise NoNumberError(facts.TOO_LONG)
    try:
        number: str = _build_national_number_for_parsing(tidy)
    except NumberParseException:
        return ""
    return number


def normalized(number: str) -> str:
    """phonenumberutil._normalize, faster for all but letters among other scripts."""
    if not _VALID_ALPHA_PHONE_PATTERN.fullmatch(number):
        return number.translate(DIGITS_ONLY)
    return number.translate(KEYPAD) if number.isascii() else str(_normalize(number))


def says_international(tidy: str) -> bool:
    """Whether a `+`, or `00` for it, is in front of the digits."""
    start = START.search(tidy)
    if start is None or start[0] in PLUS_SIGNS or GLOBAL_CONTEXT in tidy:
        return start is not None
    return [unicodedata.digit(each, -1) for each in tidy[start.start() :][:2]] == [0, 0]
