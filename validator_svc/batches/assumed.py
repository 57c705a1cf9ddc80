"""Counting rows that were read as international because nothing said otherwise (`assumed_international`).

They have neither `+` nor `00` nor a country, and a number was found in them; a national number among
them was taken for one of another country.
"""

import re
from collections.abc import Sequence

import orjson

from validator_svc.numbering.reading import begins_international

ASSUMED = "assumed_international"
"""The name of the count."""

TEXT = b'{"phone_number":"'
# In a JSON string every quote has a backslash before it, so this is never found inside one.
NOTHING_FOUND = b'","is_valid":false,"country_code":null,"e164_format":""'
NEITHER_PLUS_NOR_DIGIT = re.compile(r"\n[^\n+0-9][^\n]*")


def count_assumed(
    texts: Sequence[str | None], lines: bytes, regions: Sequence[str | None] | None = None
) -> int:
    """How many of the texts were read as international for want of a country.

    `lines`: their records, NDJSON. `regions`: what each row names; only those count that name none.
    """
    if regions is not None:
        records = lines.splitlines(keepends=True)
        without = [at for at, region in enumerate(regions) if region is None]
        texts = [texts[at] for at in without]
        lines = b"".join([records[at] for at in without])
    national = len(texts) - count_international(texts)
    return national - count_nothing_found(lines) if national else 0


def count_international(texts: Sequence[str | None]) -> int:
    """How many of the texts begin with `+` or `00`."""
    joined = "\n" + "\n".join([text or "" for text in texts])
    if joined.count("\n") > len(texts):
        return sum(begins_international(text or "") for text in texts)
    # Almost all begin with a digit or a plus sign, and these are counted in one go.
    others = map(begins_international, NEITHER_PLUS_NOR_DIGIT.findall(joined))
    return joined.count("\n+") + joined.count("\n00") + sum(others)


def count_nothing_found(lines: bytes) -> int:
    """How many records hold no number, and a text that begins neither with `+` nor with `00`."""
    *befores, _ = lines.split(NOTHING_FOUND)
    texts = (before[before.rfind(TEXT) + len(TEXT) :] for before in befores)
    return sum(not begins_international(orjson.loads(b'"' + text + b'"')) for text in texts)
