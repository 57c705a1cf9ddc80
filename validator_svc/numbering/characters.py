"""Which characters are invisible, and which are spaces, dashes, quotation marks and decimal separators.

From the Unicode Character Database (DerivedCoreProperties.txt, PropList.txt; version 14.0, and the
invisible ones are the same up to 16.0), and kept here so that a text is read alike under every
version of Python, which brings a database of its own.
"""

DEFAULT_IGNORABLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Default_Ignorable_Code_Point: first and last of each range."""
ANNOTATIONS = (0xFFF9, 0xFFFB)
"""Interlinear annotation marks, which nobody sees either."""
INVISIBLE = frozenset(
    chr(code) for first, last in (*DEFAULT_IGNORABLE, ANNOTATIONS) for code in range(first, last + 1)
)

SPACES = (
    # White_Space, and the separators that Python counts as well.
    "\t\n\v\f\r\x1c\x1d\x1e\x1f\x20\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
DASHES = (
    # Dash.
    "-\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2053\u207b\u208b\u2212\u2e17\u2e1a"
    "\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead"
    # A middle dot and a hyphen bullet, which are put between digits like dashes.
    "\u00b7\u2043"
)

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b\u2039\u203a\uff07`\u00b4\u02bc\u2032"
DOUBLE_QUOTES = (
    # The other ones of Quotation_Mark, and double primes.
    '"\u00ab\u00bb\u201c\u201d\u201e\u201f\u2e42\u300c\u300d\u300e\u300f\u301d\u301e\u301f'
    "\ufe41\ufe42\ufe43\ufe44\uff02\uff62\uff63\u2033\u02ba"
)
EQUALS_SIGNS = "=\uff1d"
LIST_MARKS = ",;\uff0c\uff1b\u060c\u061b\u3001"
"""Commas and semicolons, also the full-width and the Arabic ones."""

POINTS = ".\uff0e\u066b"
"""What may stand before decimals and between groups: a full stop, also full-width; the Arabic separator."""
COMMAS = ",\uff0c"
PLUS_SIGNS = "+\uff0b"
E_LETTERS = "eE\uff25\uff45"
