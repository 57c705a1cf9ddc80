"""Moments: milliseconds since the epoch inside, RFC 3339 in UTC on the wire."""

import time
from datetime import UTC, datetime

DAY_MS = 24 * 60 * 60 * 1_000


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def rfc3339(at_ms: int | None) -> str | None:
    """A time in UTC, to the millisecond; None stays None."""
    if at_ms is None:
        return None
    return (
        datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
