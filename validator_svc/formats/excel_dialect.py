"""Cells that survive a spreadsheet: numbers stay text, nothing runs as a formula.

A number becomes `="+62…"`, a text constant, which a spreadsheet shows without any mark. Whatever else needs
a guard has an apostrophe in front, which shows: nothing of it is to stand in a formula. `numbering.reading`
drops both. What may run as a formula is listed by OWASP: https://owasp.org/www-community/attacks/CSV_Injection
"""

import codecs
import re
from collections.abc import Sequence

BYTE_ORDER_MARK = codecs.BOM_UTF8
GUARD = "'"

# A spreadsheet shows digits from the twelfth on as 6.28E+12, loses those after the fifteenth, and
# leading zeros at once.
# What some program splits at, though it is not the delimiter, begins a cell there.
SEPARATORS = frozenset(",;\t|\r\n")
SPLIT = re.compile(r"(?<![,;|\s])[,;|\s]++(?=[=+\-@＝＋－＠])")
# What a number is written with; no quote is in it, nor what some program splits at.
NUMBER = re.compile(r"[+\-(0-9][0-9 ()./+-]{0,99}")
NEEDS_GUARD = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]|\s*(?:0\d|\d{12})")


def guarded_row(row: Sequence[str]) -> list[str]:
    """The cells of a row, guarded where they need it."""
    return [guarded(cell) if cell else cell for cell in row]


def guarded(cell: str) -> str:
    """A number as a text constant; else a guard before the cell, and before what could begin another one."""
    cell = SPLIT.sub(with_guard, cell)
    if not NEEDS_GUARD.match(cell):
        return cell
    return f'="{cell}"' if NUMBER.fullmatch(cell) else GUARD + cell


def with_guard(found: re.Match[str]) -> str:
    """What stands before a formula, and a guard behind it where it may end a cell."""
    return found[0] + GUARD if not SEPARATORS.isdisjoint(found[0]) else found[0]
