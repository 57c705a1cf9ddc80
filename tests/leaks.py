"""Whole phone numbers and keys in what a service leaves behind: its log, its figures, its errors, its store.

Asked of every process and every store that a test starts, when it ends, and of every error that a test is
answered. A number is a run of digits, however they are parted, that is a valid one in the numbering plan and
has a plus or begins as those that tests send: bare digits alone may as well be an id, a time or a size.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import phonenumbers

# What the README's table says of each: these have numbers in their names or values.
HOLD_NUMBERS = (b"vs:live:", b"vs:moment:", b"vs:claim:", b"vs:job:")
# What callers and people call a thing is theirs, whatever it looks like: kept, and told to them again.
OWN_NAMES = frozenset(
    {"own_numbers", "name", "columns", "phone_key", "region_column", "sheet", "webhook_url", "target"}
)
SECRET_SETTINGS = ("_KEY", "_APPID", "_TOKEN", "_SECRET", "_PASSWORD")
MIN_SECRET = 8

ANY_KEY = re.compile(rb"vs_[0-9a-f]{12}_[\w-]{8}|[?&]appid=(?!KEY\b)[\w%]")
# No numbers: ids, digests, times, addresses, fractions, and many figures in a row.
OTHERS = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?)?"
    r"|(?<![\d.+])(?:\d{1,3}(?:\.\d{1,3}){3}|\d+\.\d+(?:e[+-]?\d+)?)(?![\d.])"
    r"|(?<![\d+])-?\d+(?: -?\d+){9,}"
)
NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ \u00a0()/.\-]{0,2}\d){8,14}(?![\w.]|-\d)")
AFTER_PLUS = re.compile(rb"\+[0-9]{9,15}")
REGIONS = ("GB", "ID", "US", "DE", "FR")
# How the numbers begin that tests send most, with their country's code and without: too long for chance.
SENT = (
    "62812345", "44740012", "44791112", "44207946", "13524815", "14155552", "14159929", "12125553",
    "12015550", "20224802", "42060112", "49151234", "34612345", "33612345", "08123456", "07911120",
    "07400123", "02079460", "21255533", "20155501",
)  # fmt: skip

SECRETS: set[bytes] = set()
"""Those of the services of this run."""


def remember_secrets(settings: dict[str, str]) -> None:
    """Look for the secrets of these settings from now on."""
    for name, value in settings.items():
        if name.endswith(SECRET_SETTINGS) and len(value) >= MIN_SECRET:
            SECRETS.add(os.fsencode(value))


@lru_cache(10_000)
def is_number(text: str) -> bool:
    """Whether what looks like a number is one: with a plus, or of those that tests send."""
    digits = re.sub(r"\D", "", text).removeprefix("00")
    if text.startswith("+"):
        return is_valid(f"+{digits}", None)
    if not digits.startswith(SENT):
        return False
    return is_valid(f"+{digits}", None) or any(is_valid(digits, region) for region in REGIONS)


def is_valid(text: str, region: str | None) -> bool:
    """Whether the numbering plan has it."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def numbers_in(text: str) -> list[str]:
    """The whole numbers in a text."""
    return [each[0] for each in NUMBER.finditer(OTHERS.sub(" ", text)) if is_number(each[0])]


def secrets_in(text: bytes) -> list[bytes]:
    """The keys in a text."""
    return ANY_KEY.findall(text) + set_secrets_in(text)


def set_secrets_in(text: bytes) -> list[bytes]:
    """Those of them that are in the settings of a service."""
    return [secret for secret in SECRETS if secret in text]


def leaks_in(text: bytes) -> list[object]:
    """The whole numbers and the keys in a text."""
    return [*numbers_in(text.decode("utf-8", "replace")), *secrets_in(text)]


def in_log(lines: Iterable[bytes]) -> list[bytes]:
    """The lines of a log that have some, or any digits as long after a plus."""
    return [line for line in lines if AFTER_PLUS.search(line) or leaks_in(line)]


def in_store(kept: Iterable[tuple[bytes, list[bytes]]]) -> Iterator[tuple[bytes, list[object]]]:
    """Keys of a store with those that do not belong there; `kept`: what is under each."""
    for key, values in kept:
        holds_numbers = key.startswith(HOLD_NUMBERS)
        found: list[object] = []
        if not holds_numbers:
            found += numbers_in(key.decode("utf-8", "replace"))
        for value in values:
            found += secrets_in(value) if holds_numbers else leaks_in(without_names(value))
        if found:
            yield key, found


def without_names(value: bytes) -> bytes:
    """A value without what callers call their things."""
    if not value.startswith(b"{"):
        return value
    try:
        return json.dumps(nameless(json.loads(value))).encode()
    except ValueError:
        return value


def nameless(value: object) -> object:
    """A value of JSON without the names in it."""
    if isinstance(value, list):
        return [nameless(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: nameless(each) for name, each in value.items() if name not in OWN_NAMES}
