"""Pacing: never more requests than the upstream allows, and the waits between attempts."""

import asyncio
import random
import time
from email.utils import parsedate_to_datetime

from aiolimiter import AsyncLimiter

BACKOFF_START_S = 0.25
BACKOFF_MAX_S = 10.0
RETRY_AFTER_MAX_S = 60.0

# The upstream counts when requests arrive, not when they leave. Leaving 2 % slower keeps its count
# within the rate in every second although the way there takes now longer and now shorter.
SLACK = 1.02


class Pacer:
    """Lets requests pass at a rate, evenly, in the order of asking.

    A leaky bucket lets its whole capacity pass at once before it begins to pace; a bucket of one
    is what keeps the rate in any one second.
    """

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s
        self.replicas = 1
        self._limiter = AsyncLimiter(1, SLACK / rate_per_s)
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
            self._limiter = AsyncLimiter(1, SLACK * replicas / self.rate_per_s)
            await self._limiter.acquire()


def pause_s(attempt: int, retry_after_s: float | None = None) -> float:
    """How long to wait before asking again: doubling, with full jitter, and never less than told to."""
    most_s = min(BACKOFF_MAX_S, BACKOFF_START_S * 2**attempt)
    told_s = min(retry_after_s or 0.0, RETRY_AFTER_MAX_S)
    return told_s + random.uniform(0, most_s)  # noqa: S311  # jitter, not secrecy


def retry_after_s(value: str | None) -> float | None:
    """A Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date; None for neither."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
