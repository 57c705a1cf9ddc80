"""Time zones as offsets from UTC.

Daylight saving moves offsets, so an offset holds for a quarter of an hour here: all changes in
the IANA time zone database since 1980 fall on a quarter hour of UTC.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER_S = 900


def quarter_of(at_s: float) -> int:
    """The quarter hour of a moment (seconds since the epoch), counted from the epoch."""
    return int(at_s // QUARTER_S)


@lru_cache(maxsize=4096)
def utc_offset(zones: tuple[str, ...], quarter: int) -> str | None:
    """The offset of all `zones` (IANA names) in that quarter hour, as `UTC+07:00`.

    None when the zones differ in offset, or when there are none.
    """
    at = datetime.fromtimestamp(quarter * QUARTER_S, UTC)
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    if len(offsets) != 1:
        return None
    minutes = (offsets.pop() or timedelta()) // timedelta(minutes=1)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
