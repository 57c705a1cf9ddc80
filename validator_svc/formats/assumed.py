"""Counting rows that were read as international because nothing said otherwise (`assumed_international`).

They have neither `+` nor `00` nor a country, and a number was found in them; a national number among
them was taken for one of another country.
"""

import re
from collections.abc import Sequence

import orjson

from validator_svc.numbering.reading import begins_international
from validator_svc.record.finished import NOTHING_READ

ASSUMED = "assumed_international"
"""The name of the count."""

# Of lines in ASCII without a semicolon, those that begin otherwise than most: to be looked at one by one.
UNCOMMON = re.compile(r"\n(?![+0-9]|[ (.-]+(?:[1-9]|0[1-9 ().-])[0-9 ().-]*(?:\n|\Z))[^\n]+")


def count_assumed(
    texts: Sequence[str | None], lines: bytes, regions: Sequence[str | None] | None = None
) -> int:
    """How many of the texts were read as international for want of a country.

    `lines`: their records, NDJSON. `regions`: what each row names; only those count that name none.
    """
    if regions is not None:
        without = [at for at, region in enumerate(regions) if region is None]
        records = lines.splitlines(keepends=True) if without else []
        texts = [texts[at] for at in without]
        lines = b"".join([records[at] for at in without])
    national = len(texts) - count_international([text or "" for text in texts])
    return national - count_nothing_read(lines) if national else 0


def count_international(texts: Sequence[str]) -> int:
    """How many of the texts begin with `+` or `00`."""
    joined = "\n" + "\n".join(texts)
    if not joined.isascii() or ";" in joined or joined.count("\n") > len(texts):
        odd = [text for text in texts if not text.isascii() or ";" in text or "\n" in text]
        texts = [text for text in texts if text.isascii() and ";" not in text and "\n" not in text]
        joined = "\n" + "\n".join(texts)
    else:
        odd = []
    # Most begin with a digit, a plus sign or a bracket, and these are counted in one go.
    odd += UNCOMMON.findall(joined)
    return joined.count("\n+") + joined.count("\n00") + sum(map(begins_international, odd))


def count_nothing_read(lines: bytes) -> int:
    """How many records hold no number, and a text that begins neither with `+` nor with `00`."""
    texts = NOTHING_READ.findall(lines)
    return len(texts) - count_international(orjson.loads(b'["%b"]' % b'","'.join(texts))) if texts else 0
