"""Reading texts in plain Python: from what somebody wrote to the digits.

What comes before `phonenumbers` is in `numbering.reading`; this follows it, and `phonenumbers.parse` up to
where the digits are known, whose functions are named. `phonenumbers` itself is not asked: its patterns
go back and forth over some texts for seconds. The patterns here never try a character again.
"""

import re
import string

from phonenumbers.phonenumberutil import _ALPHA_PHONE_MAPPINGS

from validator_svc.kernel import glyphs
from validator_svc.kernel.extensions import extensions
from validator_svc.kernel.glyphs import DigitTable, GlyphTable, one_of
from validator_svc.kernel.plan import Plan
from validator_svc.numbering import facts
from validator_svc.numbering.characters import PLUS_SIGNS
from validator_svc.numbering.compile.characters import Glyph
from validator_svc.numbering.reading import (
    GLOBAL_CONTEXT,
    MAX_TEXT,
    ONE_OR_TWO_DIGITS,
    START,
    as_international,
    has_zeros,
)
from validator_svc.numbering.tidying import is_scientific, tidied, without_decimals

MOST_PARSED = 250
"""Characters of a text, above which there is no number for `phonenumbers`."""

# Read alike by everybody, whatever else `phonenumbers` learns.
PLAIN = re.compile(r"\+?[0-9][0-9 ()./-]{2,200}")
NO_DIGITS = b"+ ()./-"
# The extensions there are nearly always; with another one it takes longer to see.
PLAIN_EXTENSION = re.compile(r"(\+?[0-9](?: ?[0-9().-])*+) *+(?:;ext=|ext\.? ?|x ?)[0-9]{1,6}")
# Without one of these there is no extension.
EXTENSION_SIGN = re.compile(r"[^0-9+ ().-]")
FEWEST_DIGITS = 3
TWO_ZEROS = 2
FEWEST_DIALLED = 2

# In glyphs.
NUMBER_START = re.compile(one_of(glyphs.PLUS_SIGNS + glyphs.DIGITS))
SECOND_NUMBER = re.compile(r"[\\/] *+x")
TWO_DIGITS = re.compile(one_of(glyphs.DIGITS) + "{2}")
THREE_DIGITS = re.compile(
    f"{one_of(glyphs.PLUS_SIGNS)}*+(?:{one_of(glyphs.BEFORE_THIRD)}*+{one_of(glyphs.DIGITS)}){{3}}"
)
IN_NUMBERS = re.compile(one_of(glyphs.IN_NUMBERS) + "*+")
THREE_LETTERS = re.compile(r"(?:[^A-Za-z]*+[A-Za-z]){3}", re.DOTALL)
PHONE_CONTEXT = ";phone-context="
SUBADDRESS = ";isub="
SCHEME = "tel:"
GLOBAL_NUMBER = re.compile(rf"\+[-.()]*+{one_of(glyphs.DIGITS)}{one_of(glyphs.DIGITS + '-.()')}*+")
LABEL_END = string.ascii_letters + glyphs.DIGITS
DOMAIN_LABEL = re.compile(f"{one_of(LABEL_END)}(?:-*+{one_of(LABEL_END)})*+")

EXTENSION_END = glyphs.DIGITS + "#"
DIGITS_ONLY = dict.fromkeys(range(256)) | {ord(digit): digit for digit in string.digits}
DIGITS_ONLY |= {Glyph.DIGIT + value: str(value) for value in range(10)}
KEYPAD = dict.fromkeys(range(256)) | {ord(digit): digit for digit in string.digits}
KEYPAD |= {ord(letter): digit for letter, digit in _ALPHA_PHONE_MAPPINGS.items()}
KEYPAD |= {ord(letter.lower()): digit for letter, digit in _ALPHA_PHONE_MAPPINGS.items()}
KEYPAD |= {Glyph.I_DOTLESS: KEYPAD[ord("I")], Glyph.S_LONG: KEYPAD[ord("S")]}
"""Digits of letters (ITU-T E.161); digits of other scripts are none among letters."""


Tidy = tuple[str, str]
"""A text as it is to be read, and its digits if everybody reads it alike; these are empty else."""

Dialled = tuple[str, bool]
"""The digits in a text, and whether a `+`, or where it may stand for one `00`, is in front."""


class NoNumberError(Exception):
    """A text in which there is no number."""

    def __init__(self, reason: str) -> None:
        """`reason`: one of `facts.REASONS`."""
        super().__init__(reason)
        self.reason = reason


class TextReader:
    """Reads texts by the characters of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._glyphs = GlyphTable(plan)
        self._digits = DigitTable(plan)

    def tidy(self, text: str) -> Tidy:
        """Raises NoNumberError when there is nothing to be read."""
        if "." not in text and (digits := plain_digits(text)):
            return text, digits
        if len(text) > MAX_TEXT:
            raise NoNumberError(facts.TOO_LONG)
        tidy = tidied(text)
        if not tidy:
            raise NoNumberError(facts.EMPTY)
        if is_scientific(tidy):
            raise NoNumberError(facts.SCIENTIFIC_NOTATION)
        tidy = without_decimals(tidy)
        in_ascii = tidy if tidy.isascii() else tidy.translate(self._digits)
        digits = plain_digits(in_ascii)
        return (in_ascii, digits) if digits else (tidy, "")

    def international(self, tidy: Tidy) -> Dialled:
        """The digits of a text that is read as international. Raises NoNumberError."""
        text, digits = tidy
        if len(digits) >= TWO_ZEROS + FEWEST_DIGITS:
            if text.startswith("00"):
                return digits[TWO_ZEROS:], True
            return digits, text[0] == "+"
        with_plus = as_international(text)
        digits, has_plus = self.dialled((with_plus, plain_digits(with_plus)))
        if not has_plus:
            raise NoNumberError(facts.INVALID_COUNTRY_CODE)
        return digits, says_international(text)

    def dialled(self, tidy: Tidy) -> Dialled:
        """The digits of a text as `phonenumbers` reads it, which knows `+` only. Raises NoNumberError."""
        text, digits = tidy
        if digits:
            return digits, text[0] == "+"
        number = possible_number(text if text.isascii() else text.translate(self._glyphs))
        extended = PLAIN_EXTENSION.fullmatch(number)
        plain = extended[1] if extended else number
        if digits := plain_digits(plain):
            return digits, plain[0] == "+"
        if not is_viable(number):
            few = ONE_OR_TWO_DIGITS.fullmatch(text)
            raise NoNumberError(facts.TOO_SHORT if few else facts.NOT_A_NUMBER)
        number = without_extension(number)
        has_plus = number[0] in glyphs.PLUS_SIGNS
        digits = digits_of(number)
        if len(digits) < (FEWEST_DIGITS if has_plus else FEWEST_DIALLED):
            raise NoNumberError(facts.TOO_SHORT)
        return digits, has_plus


def plain_digits(text: str) -> str:
    """The digits of a text that everybody reads alike; empty for other texts, and for few digits."""
    if not PLAIN.fullmatch(text):
        return ""
    digits = text.encode().translate(None, NO_DIGITS).decode()
    return digits if len(digits) >= FEWEST_DIGITS else ""


def possible_number(text: str) -> str:
    """The part of a text (in glyphs) in which a number may be; empty when none is. Raises NoNumberError.

    phonenumberutil._build_national_number_for_parsing
    """
    if len(text) > MOST_PARSED:
        raise NoNumberError(facts.TOO_LONG)
    context = text.find(PHONE_CONTEXT)
    number = in_context(text, context) if context >= 0 else extracted(text)
    subaddress = number.find(SUBADDRESS)
    return number[:subaddress] if subaddress > 0 else number


def extracted(text: str) -> str:
    """phonenumberutil._extract_possible_number"""
    start = NUMBER_START.search(text)
    if start is None:
        return ""
    number = text[start.start() :].rstrip(glyphs.DROPPED_AT_END)
    second = SECOND_NUMBER.search(number)
    return number[: second.start()] if second else number


def in_context(text: str, at: int) -> str:
    """The number before the parameter that says in what context it is, which begins `at`."""
    context = text[at + len(PHONE_CONTEXT) :].partition(";")[0]
    is_global = GLOBAL_NUMBER.fullmatch(context) is not None
    if not is_global and not is_domain_name(context):
        raise NoNumberError(facts.NOT_A_NUMBER)
    begin = text.find(SCHEME)
    national = text[begin + len(SCHEME) if begin >= 0 else 0 : at]
    return context + national if is_global else national


def is_domain_name(text: str) -> bool:
    """phonenumberutil._RFC3966_DOMAINNAME_PATTERN"""
    labels = text.removesuffix(".").split(".")
    return all(map(DOMAIN_LABEL.fullmatch, labels)) and labels[-1][0] in string.ascii_letters


def is_viable(number: str) -> bool:
    """phonenumberutil._is_viable_phone_number"""
    beginning = THREE_DIGITS.match(number)
    if beginning is None:
        return TWO_DIGITS.fullmatch(number) is not None
    rest = IN_NUMBERS.match(number, beginning.end())
    end = rest.end() if rest else 0
    if end == len(number):
        return True
    lower = number.translate(glyphs.LOWER)
    return any(max(first, beginning.end()) <= min(last, end) for first, last in extensions(lower))


def without_extension(number: str) -> str:
    """phonenumberutil._maybe_strip_extension"""
    if number[-1] not in EXTENSION_END or not EXTENSION_SIGN.search(number):
        return number
    begin = min((first for first, _ in extensions(number.translate(glyphs.LOWER))), default=0)
    return number[:begin] if begin and is_viable(number[:begin]) else number


def digits_of(number: str) -> str:
    """phonenumberutil._normalize"""
    return number.translate(KEYPAD if THREE_LETTERS.match(number) else DIGITS_ONLY)


def says_international(tidy: str) -> bool:
    """Whether a `+`, or `00` for it, is in front of the digits."""
    start = START.search(tidy)
    if start is None or start[0] in PLUS_SIGNS or GLOBAL_CONTEXT in tidy:
        return start is not None
    return has_zeros(tidy[start.start() :][:TWO_ZEROS])
