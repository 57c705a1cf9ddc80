"""Pacing: never more requests than the upstream allows, and the waits between attempts."""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

BACKOFF_START_S = 0.25
BACKOFF_MAX_S = 10.0
RETRY_AFTER_MAX_S = 60.0
# Far longer than any HTTP date.
MAX_RETRY_AFTER = 64

# Ways to the supplier take now longer, now shorter: requests that leave exactly a second apart may arrive
# within one. So much more is kept between a request and the one that may not fall into its second.
MARGIN_S = 0.04
# A turn that came late is made up for by the next ones coming sooner, up to so much.
CATCH_UP_S = 0.1


class RateLimit:
    """Lets requests pass at a rate, each at its scheduled time, in the order of asking.

    Turns are evenly spaced, so that none is lost to a full bucket; a late one does not make the others
    late. Whatever comes late, no more than the rate pass within any one second: each request waits until
    the one that was let through so many requests before it is a second old (a sliding window log).
    """

    def __init__(
        self,
        rate_per_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate_per_s = rate_per_s
        self._clock = clock
        self._sleep = sleep
        self.replicas = 1
        self._turn = asyncio.Lock()
        self._passed: deque[float] = deque()
        """When the last requests passed, of its clock; as many as the window holds."""
        self._next_s = 0.0
        """The next turn, of its clock."""
        self._set_rate()

    def _set_rate(self) -> None:
        rate_per_s = self.rate_per_s / self.replicas
        held = max(1, math.ceil(rate_per_s))
        # A second and the margin, or longer where the rate is no whole number.
        self._window_s = held / rate_per_s + MARGIN_S
        self._interval_s = self._window_s / held
        self._passed = deque(self._passed, maxlen=held)

    async def wait(self) -> None:
        """Wait for a turn."""
        async with self._turn:
            while (left_s := self._due_s() - self._clock()) > 0:
                await self._sleep(left_s)
            now_s = self._clock()
            self._passed.append(now_s)
            self._next_s = max(self._next_s + self._interval_s, now_s - CATCH_UP_S)

    def _due_s(self) -> float:
        if len(self._passed) < (self._passed.maxlen or 0):
            return self._next_s
        return max(self._next_s, self._passed[0] + self._window_s)

    async def share(self, replicas: int) -> None:
        """Keep to this replica's part of the rate, beginning with a full pause."""
        if replicas == self.replicas:
            return
        async with self._turn:
            self.replicas = replicas
            self._set_rate()
            self._next_s = self._clock() + self._interval_s


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
