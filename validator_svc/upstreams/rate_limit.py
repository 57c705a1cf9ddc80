"""Pacing: never more requests than the upstream allows, and the waits between attempts."""

import asyncio
import random
import time
from email.utils import parsedate_to_datetime

from aiolimiter import AsyncLimiter

BACKOFF_START_S = 0.25
BACKOFF_MAX_S = 10.0
RETRY_AFTER_MAX_S = 60.0
# Far longer than any HTTP date.
MAX_RETRY_AFTER = 64

# A bucket that holds `b` requests and leaks `r` a second lets up to b + r pass in one second. Leaking
# 3 % slower than the rate leaves room for a bucket of a little more than one, which makes up for turns
# that come a few milliseconds late, and still for ways to the upstream that take now longer, now shorter.
SLACK = 1.03
ROOM = 0.01
MAX_BUCKET = 2.0


def limiter(rate_per_s: float) -> AsyncLimiter:
    """Lets no more than `rate_per_s` requests pass in any one second."""
    bucket = min(1 + ROOM * rate_per_s, MAX_BUCKET)
    return AsyncLimiter(bucket, bucket * SLACK / rate_per_s)


class RateLimit:
    """Lets requests pass at a rate, evenly, in the order of asking.

    As it comes, the limiter lets a full second's worth burst on top of the rate; see `limiter`.
    """

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s
        self.replicas = 1
        self._limiter = limiter(rate_per_s)
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Wait for a turn."""
        async with self._turn:
            await self._limiter.acquire()

    async def share(self, replicas: int) -> None:
        """Keep to this replica's part of the rate, beginning with a full pause."""
        if replicas == self.replicas:
            return
        async with self._turn:
            self.replicas = replicas
            self._limiter = limiter(self.rate_per_s / replicas)
            await self._limiter.acquire()


def pause_s(attempt: int, retry_after_s: float | None = None) -> float:
    """How long to wait before asking again: doubling, with full jitter, and never less than told to."""
    most_s = min(BACKOFF_MAX_S, BACKOFF_START_S * 2**attempt)
    told_s = min(retry_after_s or 0.0, RETRY_AFTER_MAX_S)
    return told_s + random.uniform(0, most_s)  # noqa: S311  # jitter, not secrecy


def retry_after_s(value: str | None) -> float | None:
    """A Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date; None for neither."""
    if value is None or len(value) > MAX_RETRY_AFTER:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, ArithmeticError):
        return None
