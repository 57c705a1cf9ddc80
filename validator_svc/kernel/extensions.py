"""Where an extension begins: the pattern of `phonenumbers` for them, which goes back and forth over a text
(phonenumberutil._EXTN_PATTERN), read from the end of the text, each character a bounded number of times.

Texts are in glyphs, letters small (`glyphs.LOWER`).
"""

import re
from collections.abc import Iterator

from validator_svc.kernel.glyphs import DIGITS, glyphs
from validator_svc.numbering.compile.characters import Glyph

MOST_AFTER_LABEL = 20
MOST_AFTER_LIKELY_LABEL = 15
MOST_AFTER_AMBIGUOUS = 9
MOST_WHEN_NOT_SURE = 6
"""Digits of an extension, by what stands before it."""

SEPARATORS = " ,-"
COMMAS = re.compile(",++")
MARKS = (":", ".", chr(Glyph.POINT_WIDE))
N_WIDE = chr(Glyph.N_WIDE)
XT_WIDE = glyphs(Glyph.X_WIDE, Glyph.T_WIDE)
OTHER_WORDS = ("anexo", glyphs(Glyph.D_CYRILLIC, Glyph.O_CYRILLIC, Glyph.B_CYRILLIC))
MIDDLES = ("", "ensio", "ensio" + chr(Glyph.ACUTE), "ensi" + chr(Glyph.O_ACUTE))
"""What may stand between `xt` and `n`."""
SHORT_LABELS = (
    *("x", "#", "~", "int"),
    *map(chr, (Glyph.X_WIDE, Glyph.HASH_WIDE, Glyph.TILDE_WIDE)),
    glyphs(Glyph.I_WIDE, Glyph.N_WIDE, Glyph.T_WIDE),
)

Range = tuple[int, int]
"""The first and the last place where an extension may begin; any between will do as well."""


def extensions(text: str) -> Iterator[Range]:
    """Every place where an extension may begin that goes on to the end."""
    has_hash = text.endswith("#")
    before = (text[:-1] if has_hash else text).rstrip(DIGITS)
    count = len(text) - has_hash - len(before)
    if count == 0:
        return
    label = before.rstrip(SEPARATORS)
    yield from behind_words(label, count)
    if label.endswith(MARKS):
        yield from behind_words(label[:-1], count)
        yield from behind_commas(label[:-1], count)
    yield from behind_commas(label, count)
    yield from among_separators(before, len(label), count)
    if not has_hash and count <= MOST_AFTER_LABEL and before.endswith(";ext="):
        yield len(before) - 5, len(before) - 5
    if has_hash and count <= MOST_WHEN_NOT_SURE and before.endswith((" ", "-")):
        yield len(before.rstrip(" -")), len(before) - 1


def behind_words(text: str, count: int) -> Iterator[Range]:
    """After a label at the end of the text that is a word or a sign; spaces and commas may come before it."""
    if count <= MOST_AFTER_LABEL:
        for label in explicit_labels(text):
            yield before_label(text, label)
    if count <= MOST_AFTER_AMBIGUOUS:
        for word in SHORT_LABELS:
            if text.endswith(word):
                yield before_label(text, len(text) - len(word))


def before_label(text: str, label: int) -> Range:
    return len(text[:label].rstrip(" ,")), label


def explicit_labels(text: str) -> Iterator[int]:
    """Where a word begins: e?xt(ensi(o U+0301? | U+00F3))?n?, its wide form e?xtn?, one of two others."""
    for word in OTHER_WORDS:
        if text.endswith(word):
            yield len(text) - len(word)
    yield from with_optional(text.removesuffix(N_WIDE), XT_WIDE, chr(Glyph.E_WIDE))
    text = text.removesuffix("n")
    for middle in MIDDLES:
        if text.endswith(middle):
            yield from with_optional(text[: len(text) - len(middle)], "xt", "e")


def with_optional(text: str, word: str, optional: str) -> Iterator[int]:
    """Where a word at the end begins, and where with a letter before it that may be there."""
    if text.endswith(word):
        begin = len(text) - len(word)
        yield begin
        if text.endswith(optional, 0, begin):
            yield begin - 1


def behind_commas(text: str, count: int) -> Iterator[Range]:
    """After a comma or a semicolon at the end of the text; spaces may come before it."""
    if text.endswith(";") and count <= MOST_AFTER_LIKELY_LABEL:
        yield len(text[:-1].rstrip(" ")), len(text) - 1
    if text.endswith(","):
        if count <= MOST_AFTER_AMBIGUOUS:
            yield len(text.rstrip(",").rstrip(" ")), len(text) - 1
        if count <= MOST_AFTER_LIKELY_LABEL and text.endswith(",,"):
            yield len(text[:-2].rstrip(" ")), len(text) - 2


def among_separators(text: str, label: int, count: int) -> Iterator[Range]:
    """After commas among the separators, which follow the label's end; what is behind them separates."""
    for run in COMMAS.finditer(text, label):
        first = len(text[: run.start()].rstrip(" "))
        if count <= MOST_AFTER_AMBIGUOUS:
            yield first, run.end() - 1
        if count <= MOST_AFTER_LIKELY_LABEL and len(run[0]) > 1:
            yield first, run.end() - 2
