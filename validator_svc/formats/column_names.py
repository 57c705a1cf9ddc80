"""What the name of a column says of it, in many languages."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

from validator_svc.formats.number_like import looks_like_number

CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
WORD = re.compile(r"e164|(?:[^\W\d_]|[\u0900-\u0dff\u0e00-\u0e7f])+")
MAX_NAME = 200


class Meaning(IntEnum):
    """What a column holds, by its name; the greater the likelier phone numbers."""

    OTHER = 0
    """Something else: `order_id`, `phone type`."""
    NEUTRAL = 1
    """Its name says nothing."""
    NUMBER = 2
    """`No`, `番号`: phone numbers, or just row numbers."""
    PHONE = 3


class ColumnNames(NamedTuple):
    """What columns are called, see data/phone_column_names.toml; words run together, see `words_of`."""

    phone: frozenset[str]
    whole: frozenset[str]
    other: frozenset[str]
    unrelated: frozenset[str]


@cache
def column_names() -> ColumnNames:
    """The table, read at its first use."""
    data = (
        resources.files("validator_svc.formats").joinpath("data/phone_column_names.toml").read_text("utf-8")
    )
    table = tomllib.loads(data)
    return ColumnNames(
        phone=run_together([name for names in table["phone"].values() for name in names]),
        whole=run_together(table["whole"]["names"]),
        other=run_together(table["other"]["words"]),
        unrelated=run_together(table["unrelated"]["words"]),
    )


def run_together(names: Sequence[str]) -> frozenset[str]:
    """Each name as its words without anything between them."""
    return frozenset("".join(words_of(name)) for name in names)


def is_phone_name(name: str) -> bool:
    """Whether a column of this name may hold phone numbers: `customer_mobile`, `Téléphone 2`, `No`."""
    return meaning_of(name) >= Meaning.NUMBER


def meaning_of(name: str) -> Meaning:
    """What a column of this name holds."""
    words, names = words_of(name), column_names()
    if not words or looks_like_number(name):
        return Meaning.NEUTRAL
    whole = "".join(words)
    if not names.other.isdisjoint(words):
        return Meaning.OTHER
    if whole in names.phone or not names.phone.isdisjoint(words):
        return Meaning.PHONE
    if whole in names.whole:
        return Meaning.NUMBER
    return Meaning.NEUTRAL if names.unrelated.isdisjoint([*words, whole]) else Meaning.OTHER


def words_of(name: str) -> list[str]:
    """The words of a column's name, without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", CAMEL_HUMP.sub(" ", name[:MAX_NAME]))
    plain = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return WORD.findall(unicodedata.normalize("NFC", plain).casefold())
