"""Characters as glyphs (see `numbering.compile.characters`), and what the rules of reading ask of each.

Text in glyphs is a `str` of characters below U+0100, each the code of a glyph.
"""

import re
import string

from validator_svc.kernel.plan import Plan
from validator_svc.numbering.compile.characters import NEARLY_LETTERS, Glyph
from validator_svc.numbering.plan_file import BLOCK, Section

MOST_KEPT = 4096
"""Code points whose glyphs are kept where they are found fast."""


class GlyphTable(dict[int, str]):
    """For `str.translate`: the glyph of each code point, as the plan has it."""

    def __init__(self, plan: Plan) -> None:
        self._blocks = plan.sections[Section.CHARS]
        self._glyphs = plan.sections[Section.GLYPHS]

    def __missing__(self, code: int) -> str:
        return self.kept(code, self.glyph(code))

    def glyph(self, code: int) -> str:
        return chr(self._glyphs[BLOCK * self._blocks[code // BLOCK] + code % BLOCK])

    def kept(self, code: int, written: str) -> str:
        if len(self) < MOST_KEPT:
            self[code] = written
        return written


class DigitTable(GlyphTable):
    """Likewise, but only digits of other scripts become others: those of ASCII."""

    def __missing__(self, code: int) -> str:
        value = ord(self.glyph(code)) - Glyph.DIGIT
        return self.kept(code, str(value) if 0 <= value < len(string.digits) else chr(code))


def glyphs(*codes: int) -> str:
    return "".join(map(chr, codes))


def one_of(characters: str) -> str:
    """A class of these for a regular expression."""
    return f"[{re.escape(characters)}]"


OTHER_DIGITS = glyphs(*range(Glyph.DIGIT, Glyph.DIGIT + 10))
DIGITS = string.digits + OTHER_DIGITS
PLUS_SIGNS = "+" + glyphs(Glyph.PLUS_WIDE)
BEFORE_THIRD = "- ().[]/~*xX" + glyphs(
    Glyph.PUNCTUATION,
    Glyph.PUNCTUATION_WORD,
    Glyph.POINT_WIDE,
    Glyph.TILDE_WIDE,
    *range(Glyph.OPEN_ROUND_WIDE, Glyph.CLOSE_SQUARE_WIDE + 1),
)
"""May stand in a number before its third digit."""
IN_NUMBERS = BEFORE_THIRD + DIGITS + string.ascii_letters + glyphs(*NEARLY_LETTERS.values())
"""May stand behind it."""
KEPT_AT_END = (
    DIGITS
    + string.ascii_letters
    + glyphs(*NEARLY_LETTERS.values(), *range(Glyph.E_WIDE, Glyph.ACUTE))
    + glyphs(Glyph.PUNCTUATION_WORD, Glyph.WORD, Glyph.ZERO_LIKE)
    + glyphs(Glyph.SINGLE_QUOTE_WORD, Glyph.DOUBLE_QUOTE_WORD)
    + "#"
)
"""Letters and digits of all scripts, but not `_`."""
DROPPED_AT_END = "".join(sorted(set(map(chr, range(256))) - set(KEPT_AT_END)))
LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
LOWER |= {Glyph.KELVIN: "k", Glyph.I_DOTTED: "i", Glyph.I_DOTLESS: "i", Glyph.S_LONG: "s"}
"""For `str.translate`: letters as they are compared where case is ignored."""
