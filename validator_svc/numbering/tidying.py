"""What tables and spreadsheets do to a number, undone: step by step, in an order that matters.

Every step looks at a character a bounded number of times.
"""

import re
import unicodedata

from validator_svc.numbering.characters import (
    COMMAS,
    DASHES,
    DOUBLE_QUOTES,
    E_LETTERS,
    EQUALS_SIGNS,
    INVISIBLE,
    LIST_MARKS,
    PLUS_SIGNS,
    POINTS,
    SINGLE_QUOTES,
    SPACES,
)

PLAIN = str.maketrans(dict.fromkeys(INVISIBLE, "") | dict.fromkeys(SPACES, " ") | dict.fromkeys(DASHES, "-"))
LONE_MARKS = SINGLE_QUOTES + EQUALS_SIGNS
TRAILING_MARKS = LIST_MARKS + " "

SIGN = f"[{PLUS_SIGNS}-]"
SCIENTIFIC = re.compile(rf"{SIGN}?\d+(?:[{POINTS}{COMMAS}]\d*)? *[{E_LETTERS}](?: *{SIGN})? *\d{{1,3}}")
BRACKETS = {"(": ")", "[": "]", "\uff08": "\uff09", "\uff3b": "\uff3d"}

MOST_DECIMALS = 2


def tidied(text: str) -> str:
    """The text without what is invisible and without marks around it, its spaces and dashes plain ones.

    Empty when there is nothing else in it. `="+62 812"`, `'+62 812` and `“+62 812”;` are `+62 812`.
    """
    # Of ASCII that can be seen nothing is another character then.
    is_plain = text.isascii() and text.isprintable()
    return without_marks(text if is_plain else text.translate(PLAIN))


def without_marks(text: str) -> str:
    """The text without a pair of quotes around it, a lone `'` or `=` before and `,` and `;` after it.

    Again and again, for spreadsheets put marks around marks. Any two double quotes make a pair, and
    any two single ones: languages differ in which opens and which closes.
    """
    start, end = 0, len(text)
    while True:
        while start < end and text[end - 1] in TRAILING_MARKS:
            end -= 1
        while start < end and text[start] == " ":
            start += 1
        if end - start >= 2 and is_pair(text[start], text[end - 1]):
            end -= 1
        elif start == end or text[start] not in LONE_MARKS:
            return text[start:end]
        start += 1


def is_pair(first: str, last: str) -> bool:
    """Whether two characters are quotes that belong together."""
    if first in DOUBLE_QUOTES:
        return last in DOUBLE_QUOTES
    return first in SINGLE_QUOTES and last in SINGLE_QUOTES


def is_scientific(tidy: str) -> bool:
    """Whether it is a number in scientific notation, whose last digits are lost: `6.28E+11`."""
    if BRACKETS.get(tidy[:1]) == tidy[-1:] != "":
        tidy = tidy[1:-1].strip(" ")
    return SCIENTIFIC.fullmatch(tidy) is not None


def without_decimals(tidy: str) -> str:
    """The text without the `.0` or `.00` of a number that was one for reckoning.

    Only where nothing else is separated like that; a longer tail may be a group of digits.
    """
    zeros = 0
    while zeros < len(tidy) and unicodedata.decimal(tidy[-1 - zeros], -1) == 0:
        zeros += 1
    head = tidy[: len(tidy) - zeros]
    if 1 <= zeros <= MOST_DECIMALS and head[-1:] in tuple(POINTS) and sum(map(head.count, POINTS)) == 1:
        return head[:-1]
    return tidy
