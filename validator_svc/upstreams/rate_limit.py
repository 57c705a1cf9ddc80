"""Pacing: never more requests than the upstream allows, and the waits between attempts."""

import asyncio
import contextlib
import math
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from email.utils import parsedate_to_datetime

BACKOFF_START_S = 0.25
BACKOFF_MAX_S = 10.0
RETRY_AFTER_MAX_S = 60.0
# Far longer than any HTTP date.
MAX_RETRY_AFTER = 64

# Ways to the supplier take now longer, now shorter: requests that leave exactly a second apart may arrive
# within one. So much more is kept between a request and the one that may not fall into its second.
MARGIN_S = 0.03
# A turn that came late is made up for by the next ones coming sooner, up to so much.
CATCH_UP_S = 0.1


class Turn:
    """Leave to send one request. Until it is `sent` it counts as if it were sent at any moment to come."""

    def __init__(self, limit: "RateLimit") -> None:
        self._limit: RateLimit | None = limit

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """Send the request within this block, and say there by `sent_now` when it goes out.

        One of which nobody says so counts from the end of the block: it was sent by then.
        """
        token = SENDING.set(self)
        try:
            yield
        finally:
            SENDING.reset(token)
            self.sent()

    def sent(self) -> None:
        """The request goes out now; a second time changes nothing."""
        if self._limit is not None:
            self._limit.end_turn(was_sent=True)
            self._limit = None

    def give_back(self) -> None:
        """The request will not be sent, if it was not yet: somebody else may send in its place."""
        if self._limit is not None:
            self._limit.end_turn(was_sent=False)
            self._limit = None


SENDING: ContextVar[Turn | None] = ContextVar("SENDING", default=None)


def sent_now() -> None:
    """Say that the request whose turn this task has goes out now; for whoever writes to the connection."""
    turn = SENDING.get()
    if turn is not None:
        turn.sent()


class RateLimit:
    """Gives turns at a rate, each at its scheduled time, in the order of asking.

    Turns are evenly spaced, so that none is lost to a full bucket; a late one does not make the others
    late. Between a turn and its request lie a store, a wait for a connection, an event loop that is held:
    so what counts is when requests went out. However late they do, no more than the rate go out within
    any one second: there is a turn only while those that are not sent yet, and those of the last second,
    are fewer than that (a sliding window log).

    The limiters that there are (aiolimiter, which webhooks use) count turns, in a leaky bucket: that bursts
    after a rest, sends late requests together with those that are not, and stays further below the rate.
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
        self._share = (1, 0)
        self._turn = asyncio.Lock()
        self._unsent = 0
        """Turns whose requests have not gone out."""
        self._ended = asyncio.Event()
        """A turn has ended since this was cleared."""
        self._sent: deque[float] = deque(maxlen=max(1, math.ceil(rate_per_s)))
        """When the last requests went out, of its clock; as many as a window may hold."""
        self._next_s = 0.0
        """The next turn, of its clock."""
        self._set_rate()

    def _set_rate(self) -> None:
        rate_per_s = part_of(self.rate_per_s, *self._share)
        self._most = max(1, math.ceil(rate_per_s))
        # A second and the margin, or longer where the rate is no whole number.
        self._window_s = self._most / rate_per_s + MARGIN_S
        self._interval_s = self._window_s / self._most

    async def wait(self) -> Turn:
        """Wait for a turn, which is to be used or given back."""
        async with self._turn:
            while (left_s := self._due_s() - self._clock()) > 0:
                if left_s < math.inf:
                    await self._sleep(left_s)
                else:
                    self._ended.clear()
                    await self._ended.wait()
            self._next_s = max(self._next_s + self._interval_s, self._clock() - CATCH_UP_S)
            self._unsent += 1
            return Turn(self)

    def end_turn(self, was_sent: bool) -> None:
        """A turn's request went out now, or never will."""
        self._unsent -= 1
        self._ended.set()
        if was_sent:
            self._sent.append(self._clock())

    def _due_s(self) -> float:
        """When the next turn is; infinity: when one that was given has ended."""
        room = self._most - self._unsent
        if room <= 0:
            return math.inf
        if len(self._sent) < room:
            return self._next_s
        return max(self._next_s, self._sent[-room] + self._window_s)

    def share(self, replicas: int, rank: int) -> None:
        """Keep to the part of one of the replicas, counted from 0; beginning with a full pause."""
        if (replicas, rank) != self._share:
            self._share = (replicas, rank)
            self._set_rate()
            self._next_s = self._clock() + self._interval_s
            self._ended.set()


def part_of(rate_per_s: float, replicas: int, rank: int) -> float:
    """One replica's part of a rate.

    A whole number where there is one for each: three and two of five within any second are five; twice
    two and a half, which come as three now and then, are six.
    """
    if replicas == 1 or rate_per_s < replicas:
        return rate_per_s / replicas
    each, left = divmod(int(rate_per_s), replicas)
    return each + (rank < left)


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
