"""Which encoding of Latin letters a text is in: the one that makes its letters those of one language.

A byte is `è` in Windows-1252 and `č` in Windows-1250; what tells is which letters come together.
"""

import re
from collections import Counter

# Letters beyond ASCII (Unicode CLDR, exemplar characters), in lower case. Of equals the first is taken.
LETTERS: dict[str, tuple[str, ...]] = {
    "cp1252": (
        "äöüß",
        "àâæçéèêëîïôœùûüÿ",
        "áéíñóúü",
        "áâãàçéêíóôõúü",
        "àéèìòóù",
        "àçéèíïóòúü",
        "åäöé",
        "æøåéö",
        "áäéëèíïóöúü",
    ),
    "cp1250": (
        "áčďéěíňóřšťúůýž",
        "ąćęłńóśźż",
        "áéíóöőúüű",
        "áäčďéíĺľňóôŕšťúýž",
        "čćđšž",
        "ăâîşţ",
        "äöüß",
    ),
    "cp1254": ("âçğıîöşüû\u0307",),
    "iso8859_2": ("áčďéěíňóřšťúůýž", "ąćęłńóśźż", "áéíóöőúüű", "áäčďéíĺľňóôŕšťúýž", "čćđšž", "ăâîşţ"),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}
ICELANDIC = "áéíðóúýþæö"
# Several languages in one list are likely too, but less than one.
MIXED = 0.85
ENOUGH = 0.8
HIGH_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*+[\x80-\xff][A-Za-z\x80-\xff]*+")
ASCII_LETTER = re.compile(rb"[A-Za-z]")
# Marks that say nothing of the language.
NEUTRAL = frozenset("\u00a0\u00ad‘’‚“”„«»‹›–—…•·€§©®™°´`")


def latin_encoding(sample: bytes) -> str | None:
    """The Python codec; None when the bytes are not Latin letters, or of no language known here."""
    found = HIGH_WORD.findall(sample)
    words = [word for word in found if ASCII_LETTER.search(word)]
    if len(words) * 2 < len(found):
        # In other scripts a word has no ASCII letter.
        return None
    scores = {encoding: score_of(words, encoding, languages) for encoding, languages in LETTERS.items()}
    scores["cp1252"] = max(scores["cp1252"], score_of(words, "cp1252", (ICELANDIC,)) - 0.001)
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= ENOUGH else None


def score_of(words: list[bytes], encoding: str, languages: tuple[str, ...]) -> float:
    """The share of the letters beyond ASCII that one of the languages has, or nearly that of all together."""
    text = " ".join(word.decode(encoding, "replace") for word in words).lower()
    counts = Counter(c for c in text if not c.isascii() and c not in NEUTRAL)
    total = counts.total()
    if not total:
        return 0.0
    shares = [sum(counts[letter] for letter in letters) / total for letters in languages]
    together = sum(counts[letter] for letter in {*"".join(languages)}) / total
    return max(*shares, together * MIXED) if len(shares) > 1 else shares[0]
