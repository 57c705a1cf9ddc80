"""Hours of the day in which calls may be placed, where the called number is."""

import datetime
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo


def is_within(hours: str, zones: Iterable[str], at: datetime.datetime) -> bool:
    """Whether a moment lies within `hours` in all of `zones` (IANA names).

    `hours` is such as `08:00-21:00`, its end not in it; `21:00-06:00` goes over midnight.
    """
    begin, end = bounds(hours)
    return all(lies_between(minute_of(at.astimezone(ZoneInfo(zone))), begin, end) for zone in zones)


@lru_cache(maxsize=64)
def bounds(hours: str) -> tuple[int, int]:
    """The first and the last minute of the day, the last one not in it."""
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    return begin, end


def lies_between(minute: int, begin: int, end: int) -> bool:
    """Whether a minute of the day lies between two."""
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def minute_of(at: datetime.datetime) -> int:
    """The minute of the day."""
    return at.hour * 60 + at.minute
