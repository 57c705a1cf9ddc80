"""Characters as glyphs: what reading a number needs to know of each, in one byte.

A glyph is a character after tidying (`numbering.tidying`), folded with all that are read alike: ASCII is
itself, every space is U+0020 and every dash `-`, the others have codes from 128 up. All rules of
reading, `phonenumbers`' patterns among them, are then rules over bytes.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum

from phonenumbers.phonenumberutil import _ALPHA_PHONE_MAPPINGS, _VALID_PUNCTUATION

from validator_svc.numbering.characters import (
    COMMAS,
    DASHES,
    DOUBLE_QUOTES,
    EQUALS_SIGNS,
    INVISIBLE,
    LIST_MARKS,
    PLUS_SIGNS,
    POINTS,
    SINGLE_QUOTES,
    SPACES,
)
from validator_svc.numbering.plan_file import BLOCK, CODE_POINTS

FIRST_CODE = 128


class Glyph(IntEnum):
    """Glyphs that are not ASCII. Those that are letters, digits or `_` to `re` are said to be words."""

    DIGIT = FIRST_CODE
    """The digit 0 of a script but ASCII; the other nine follow."""
    DELETED = 138
    """Invisible: dropped before anything is read."""
    PLUS_WIDE = 139
    PUNCTUATION = 140
    """Common in numbers, for `phonenumbers`."""
    PUNCTUATION_WORD = 141
    """Likewise, and a word at once."""
    WORD = 142
    OTHER = 143
    ZERO_LIKE = 144
    """A zero for `unicodedata.digit`, a word, no digit for `re`: a superscript."""
    KELVIN = 145
    """A letter `k` where case is ignored; see `NEARLY_LETTERS`."""
    POINT_WIDE = 146
    POINT_ARABIC = 147
    COMMA_WIDE = 148
    LIST_MARK = 149
    TILDE_WIDE = 150
    HASH_WIDE = 151
    OPEN_ROUND_WIDE = 152
    CLOSE_ROUND_WIDE = 153
    OPEN_SQUARE_WIDE = 154
    CLOSE_SQUARE_WIDE = 155
    SINGLE_QUOTE = 156
    SINGLE_QUOTE_WORD = 157
    DOUBLE_QUOTE = 158
    DOUBLE_QUOTE_WORD = 159
    EQUALS_WIDE = 160
    # Letters of labels before extensions, either case.
    E_WIDE = 161
    X_WIDE = 162
    T_WIDE = 163
    N_WIDE = 164
    I_WIDE = 165
    D_CYRILLIC = 166
    O_CYRILLIC = 167
    B_CYRILLIC = 168
    O_ACUTE = 169
    ACUTE = 170
    # Letters where case is ignored, like KELVIN.
    I_DOTTED = 171
    I_DOTLESS = 172
    S_LONG = 173


ALONE = {
    "\uff0b": Glyph.PLUS_WIDE,
    "\u30fc": Glyph.PUNCTUATION_WORD,
    "\uff0e": Glyph.POINT_WIDE,
    "\u066b": Glyph.POINT_ARABIC,
    "\uff0c": Glyph.COMMA_WIDE,
    "\uff5e": Glyph.TILDE_WIDE,
    "\uff03": Glyph.HASH_WIDE,
    "\uff08": Glyph.OPEN_ROUND_WIDE,
    "\uff09": Glyph.CLOSE_ROUND_WIDE,
    "\uff3b": Glyph.OPEN_SQUARE_WIDE,
    "\uff3d": Glyph.CLOSE_SQUARE_WIDE,
    "\uff1d": Glyph.EQUALS_WIDE,
}
LABEL_LETTERS = {
    "\uff45": Glyph.E_WIDE,
    "\uff58": Glyph.X_WIDE,
    "\uff54": Glyph.T_WIDE,
    "\uff4e": Glyph.N_WIDE,
    "\uff49": Glyph.I_WIDE,
    "\u0434": Glyph.D_CYRILLIC,
    "\u043e": Glyph.O_CYRILLIC,
    "\u0431": Glyph.B_CYRILLIC,
    "\u00f3": Glyph.O_ACUTE,
    "\u0301": Glyph.ACUTE,
}
NEARLY_LETTERS = {
    "\u212a": Glyph.KELVIN,
    "\u0130": Glyph.I_DOTTED,
    "\u0131": Glyph.I_DOTLESS,
    "\u017f": Glyph.S_LONG,
}
"""What `re` takes for an ASCII letter where case is ignored."""
ON_KEYPAD = {Glyph.I_DOTLESS, Glyph.S_LONG}
"""Those of them whose capital letter is one in ASCII."""
ASCII_LETTER = re.compile("[a-z]", re.IGNORECASE)
LABEL_PATTERNS = {re.compile(letter, re.IGNORECASE): glyph for letter, glyph in LABEL_LETTERS.items()}
ANY_LABEL_LETTER = re.compile("|".join(LABEL_LETTERS), re.IGNORECASE)
PUNCTUATION = re.compile(f"[{_VALID_PUNCTUATION}]", re.IGNORECASE)
WORD = re.compile(r"\w")
DIGIT = re.compile(r"\d")


class UnexpectedCharacterError(Exception):
    """A character of which the rules of reading would not be true; they need another look."""


def glyph_table() -> tuple[bytes, bytes]:
    """The glyphs of all code points in two stages.

    Returns the number of the block for every `BLOCK` code points, and the distinct blocks. Raises
    UnexpectedCharacterError when `re`, `unicodedata` or `phonenumbers` see a character in a new way.
    """
    numbers: dict[bytes, int] = {}
    first = bytes(numbers.setdefault(block, len(numbers)) for block in blocks())
    return first, b"".join(numbers)


def blocks() -> Iterator[bytes]:
    for start in range(0, CODE_POINTS, BLOCK):
        yield bytes(glyph_of(chr(code)) for code in range(start, start + BLOCK))


def glyph_of(character: str) -> int:
    """The glyph of one character. Raises UnexpectedCharacterError."""
    if character in INVISIBLE:
        return Glyph.DELETED
    if character in SPACES:
        return ord(" ")
    if character in DASHES:
        return ord("-")
    if character.isascii():
        return ord(character)
    if DIGIT.match(character):
        return Glyph.DIGIT + unicodedata.decimal(character)
    glyph = (
        ALONE.get(character)
        or NEARLY_LETTERS.get(character)
        or quote_or_mark(character)
        or letter_or_other(character)
    )
    check(character, glyph)
    return glyph


def quote_or_mark(character: str) -> Glyph | None:
    is_word = WORD.match(character) is not None
    if character in SINGLE_QUOTES:
        return Glyph.SINGLE_QUOTE_WORD if is_word else Glyph.SINGLE_QUOTE
    if character in DOUBLE_QUOTES:
        return Glyph.DOUBLE_QUOTE_WORD if is_word else Glyph.DOUBLE_QUOTE
    return Glyph.LIST_MARK if character in LIST_MARKS else None


def letter_or_other(character: str) -> Glyph:
    if ANY_LABEL_LETTER.match(character):
        return next(glyph for pattern, glyph in LABEL_PATTERNS.items() if pattern.match(character))
    if unicodedata.digit(character, -1) == 0:
        return Glyph.ZERO_LIKE
    if PUNCTUATION.match(character):
        return Glyph.PUNCTUATION
    return Glyph.WORD if WORD.match(character) else Glyph.OTHER


WORDS = frozenset(
    {Glyph.PUNCTUATION_WORD, Glyph.WORD, Glyph.ZERO_LIKE, Glyph.SINGLE_QUOTE_WORD}
    | {Glyph.DOUBLE_QUOTE_WORD, *range(Glyph.E_WIDE, Glyph.ACUTE)}
    | {*NEARLY_LETTERS.values()}
)
IN_NUMBERS = frozenset(
    {Glyph.PUNCTUATION, Glyph.PUNCTUATION_WORD, Glyph.POINT_WIDE, Glyph.TILDE_WIDE}
    | set(range(Glyph.OPEN_ROUND_WIDE, Glyph.CLOSE_SQUARE_WIDE + 1))
)
ROLES = (
    (PLUS_SIGNS, {Glyph.PLUS_WIDE}),
    (POINTS, {Glyph.POINT_WIDE, Glyph.POINT_ARABIC}),
    (COMMAS, {Glyph.COMMA_WIDE}),
    (LIST_MARKS, {Glyph.COMMA_WIDE, Glyph.LIST_MARK}),
    (EQUALS_SIGNS, {Glyph.EQUALS_WIDE}),
)


def check(character: str, glyph: int) -> None:
    """Raises UnexpectedCharacterError when the glyph says what is not true of the character."""
    is_right = (
        (WORD.match(character) is not None) == (glyph in WORDS)
        and (PUNCTUATION.match(character) is not None) == (glyph in IN_NUMBERS)
        and (unicodedata.digit(character, -1) == 0) == (glyph == Glyph.ZERO_LIKE)
        and (ASCII_LETTER.match(character) is not None) == (character in NEARLY_LETTERS)
        and (character.upper() in _ALPHA_PHONE_MAPPINGS) == (glyph in ON_KEYPAD)
        and all((character in characters) == (glyph in glyphs) for characters, glyphs in ROLES)
    )
    if not is_right:
        raise UnexpectedCharacterError(f"U+{ord(character):04X}")
