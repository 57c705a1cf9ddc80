"""The only reader of finished records: lines of NDJSON, without taking them apart.

A list's records are megabytes, and of most of them little has to be known; so they are searched as bytes.
In a JSON string every quote has a backslash before it: none of these is ever found inside of one.
"""

import re
from collections import Counter
from operator import itemgetter

import orjson

from validator_svc.moments import rfc3339
from validator_svc.record.record import FINE, FREE, PLAN, SECOND_NAME, WRONG_FORMAT

CACHE = "cache"
"""`source` of an answer that was paid for before."""


def stands(field: str, value: str | bool | None) -> bytes:
    """How a field with this value stands in a record."""
    return orjson.dumps({field: value})[1:-1]


def begins(field: str) -> bytes:
    """How a field stands in a record, up to its value."""
    return orjson.dumps({field: None})[1 : -len("null}")]


VALID = stands("is_valid", True)
RISKY = stands("risky_destination", True)
COSTS_NOTHING = stands("cost", FREE)
FROM_PLAN = stands("source", PLAN)
FROM_CACHE = stands("source", CACHE)
IS_FINE = stands("error_code", FINE)
IS_WRONG_FORMAT = stands("error_code", WRONG_FORMAT)
TIMED_OUT = stands("error_code", "041")
NO_FUNDS = stands("error_code", "091")

COST = re.compile(begins("cost") + rb'"(?!0")([^"]+)"')
"""What was charged for an answer, USD; it is in no record of what cost nothing."""
REASON = re.compile(begins("reason") + rb'"(\w+)"')
FAILED = re.compile(begins("error_code") + rb'"(?:013|041|042|091)"')
"""Of each record whose lookup failed."""
LIVE = re.compile(begins("source") + rb'"(?!%b"|%b")[^"]+"' % (PLAN.encode(), CACHE.encode()))
"""Of each record that an upstream answered now."""
E164 = re.compile(begins("e164_format") + rb'"\+(\d+)"')
VALID_E164 = re.compile(
    rb'%b(?:,"valid":true)?,%b(?:"[A-Z]{2}"|null),%b' % (VALID, begins("country_code"), E164.pattern)
)
VALID_NUMBER = re.compile(rb'%b,%b(?:"(..)"|null),%b' % (VALID, begins("country_code"), E164.pattern))
"""The country, if it has one, and the digits of E.164 of each valid number."""
NOTHING_READ = re.compile(
    rb"\{%b" % begins("phone_number")
    + rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)",'
    + b",".join([stands("is_valid", False), stands("country_code", None), stands("e164_format", "")])
)
"""The text, as it stands in JSON, of each record in whose text no number was read."""
PHONE_TYPE = re.compile(begins("phone_type") + rb'("[^"]*")')
CARRIER = re.compile(begins("carrier_name") + rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")')
VALUE = rb'true|false|null|"[^"]*"'
SECOND_NAMES = re.compile(
    b"|".join([b"%b(?P<%b>%b)," % (begins(name), name.encode(), VALUE) for name in SECOND_NAME])
)

CHECKED_AT = "checked_at"
"""Of an answer that was paid for before, where it is asked for: when it was given. It stands last.

Of whatever tells of its moment too, while it is stored.
"""
TIMES = re.compile(rb',%b"([^"]*)"(?=\})' % begins(CHECKED_AT))
MOMENT = re.compile(b",".join(begins(field) + b"(?:true|false|null)" for field in ("reachable", "roaming")))
NO_MOMENT = b",".join([stands("reachable", None), stands("roaming", None)])

# Both forms of a country are four bytes long, so what comes after it stands at fixed places: at most
# fifteen digits, and the quote after them.
VALID_WITH_COUNTRY = VALID + b"," + begins("country_code")
COUNTRY = itemgetter(slice(4))
NO_COUNTRY = b"null"
DIGITS = itemgetter(slice(21, 37))


def valid_of(lines: bytes) -> list[bytes]:
    """For each valid number what follows from its country on, and perhaps some records more."""
    # Cutting at a constant is three times as fast as matching a pattern.
    return lines.split(VALID_WITH_COUNTRY)[1:]


def countries_of(valid: list[bytes]) -> Counter[bytes]:
    """How many there are of each country, given what `valid_of` gives."""
    counts = Counter(map(COUNTRY, valid))
    del counts[NO_COUNTRY]
    return Counter({name.strip(b'"'): count for name, count in counts.items()})


def types_of(lines: bytes) -> Counter[str]:
    """How many there are of each phone type."""
    return counted_texts(PHONE_TYPE.findall(lines))


def carriers_of(lines: bytes) -> Counter[str]:
    """How many there are of each carrier, by its name."""
    return counted_texts(CARRIER.findall(lines))


def counted_texts(values: list[bytes]) -> Counter[str]:
    """How often each text comes; values are strings of JSON."""
    return Counter({orjson.loads(value): count for value, count in Counter(values).items()})


def distinct_of(valid: list[bytes]) -> int:
    """How many different numbers there are, given what `valid_of` gives."""
    return len(set(map(DIGITS, valid)))


def valid_numbers(lines: bytes) -> list[bytes]:
    """The digits of E.164 of each valid number, in records with one generation of names or both."""
    return VALID_E164.findall(lines)


def kept_before(lines: bytes) -> bytes:
    """The same records as answers that were paid for before, and cost nothing now."""
    return LIVE.sub(FROM_CACHE, COST.sub(COSTS_NOTHING, lines))


def with_checked_at(line: bytes, at_ms: int) -> bytes:
    """A record, or its end, with when its answer was given (milliseconds since the epoch)."""
    return b"%b,%b}\n" % (line[: -len(b"}\n")], stands(CHECKED_AT, rfc3339(at_ms)))


def without_checked_at(lines: bytes) -> bytes:
    """The same records without `checked_at`, for formats in which every record has the same fields."""
    return TIMES.sub(b"", lines)


def as_told_now(lines: bytes, oldest_ms: int, shows_checked_at: bool) -> bytes:
    """Stored records as they may be told: nothing of moments before `oldest_ms`, or of no known time.

    `oldest_ms`: milliseconds since the epoch. `checked_at` stays where it was asked for.
    """
    if b'"reachable"' not in lines or tells_no_moment(lines):
        return lines
    # Times of this form sort as their texts do.
    oldest = (rfc3339(oldest_ms) or "").encode()
    return b"".join(
        [line_as_told_now(line, oldest, shows_checked_at) for line in lines.splitlines(keepends=True)]
    )


def tells_no_moment(lines: bytes) -> bool:
    """Whether none of the stored records of a validation tells of a moment: those that the plan answered."""
    return begins(CHECKED_AT) not in lines and lines.count(NO_MOMENT) == lines.count(b"\n")


def line_as_told_now(line: bytes, oldest: bytes, shows_checked_at: bool) -> bytes:
    """One of them."""
    time = TIMES.search(line)
    if time is None or time[1] < oldest:
        line = MOMENT.sub(NO_MOMENT, line)
    if time is None or (shows_checked_at and FROM_CACHE in line):
        return line
    return without_checked_at(line)


def with_second_names(lines: bytes) -> bytes:
    """The same records with both generations of the public API's names, side by side."""

    def doubled(match: re.Match[bytes]) -> bytes:
        field = match.lastgroup
        assert field
        return b'%b"%b":%b,' % (match[0], SECOND_NAME[field].encode(), match[field])

    return SECOND_NAMES.sub(doubled, lines)
