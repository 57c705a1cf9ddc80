"""One number as tables, spreadsheets and pages spoil it, and spellings in which it is lost."""

from itertools import product

from validator_svc.numbering.characters import INVISIBLE

JAKARTA = "+6281234567000"
BARE = "6281234567000"

PAIRS = (
    *('""', "''", "\u201c\u201d", "\u201e\u201c", "\u201e\u201d", "\u201d\u201d", "\u2018\u2019"),
    *("\u201a\u2018", "\u00ab\u00bb", "\u00bb\u00ab", "\u2039\u203a", "\u300c\u300d", "\uff02\uff02", "``"),
)
BEFORE_AND_AFTER = (
    *((pair[0], pair[1]) for pair in PAIRS),
    *(("", ""), ("'", ""), ("=", ""), ('="', '"'), ("", ","), ("", ";"), ("", ";,;"), (" ", " ")),
    *(('"', '";'), ("'\"", '"'), ("\"'", "'\""), ('"=""', '"""'), ('" ', ' "'), ("' ", " ;"), ("=+", "")),
    *(("\u200b", "\u200b"), ("\ufeff'", "\u200f"), ("\u00a0\u201e", "\u201c\u00a0,")),
)
TAILS = ("", ".0", ".00", ".\u200b00", "\uff0e0", "\u066b0", "\uff0e\uff10\uff10", "\u066b\u0660", " .0")

MARKED = [f"{before}{BARE}{tail}{after}" for (before, after), tail in product(BEFORE_AND_AFTER, TAILS)]

MANTISSAS = ("6", "6.28", "6,28", "6.", "\uff16\uff0e\uff12\uff18", "\u0666\u066b\u0662\u0668", "+6.28123")
EXPONENTS = (
    "E+11",
    "e11",
    "E+011",
    " E11",
    "E-05",
    "\uff25\uff0b\uff11\uff11",
    "E+\u0661\u0661",
    "e \u221211",
)
SCIENTIFIC = [
    f"{before}{mantissa}{exponent}{after}"
    for (before, after), mantissa, exponent in product(
        [*BEFORE_AND_AFTER, ("(", ")"), ("[", "]"), ('"( ', ' )";'), ("\uff08", "\uff09")],
        MANTISSAS,
        EXPONENTS,
    )
    if before != "=+"
]

UNSEEN = [f"{BARE[:4]}{character}{BARE[4:]}" for character in sorted(INVISIBLE)]
