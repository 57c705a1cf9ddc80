"""Whether there is room for one more request: what comes over it is told to come back soon."""

import asyncio
import time

from validator_svc.http import figures
from validator_svc.http.access_log import QUIET
from validator_svc.http.draining import InFlight
from validator_svc.http.errors import ApiError

RETRY_S = 1
TICK_S = 0.1
# So much work, in seconds of the processor, that the event loop comes round only after it.
MOST_S = 1.0


class Admission:
    """Lets so many requests in at the same time, and none while the event loop does not come round in time.

    The first bounds those that wait for something, such as an upstream, the second those that are worked.
    The processor's time counts and not the clock's: the machine may be busy with something else.
    """

    def __init__(self, in_flight: InFlight, most: int) -> None:
        self._in_flight = in_flight
        self._most = most
        self._worked_s = 0.0
        self._at_s = 0.0

    def watch(self) -> None:
        """Begin to watch the running event loop."""
        self._at_s = time.thread_time()
        asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        now_s = time.thread_time()
        self._worked_s, self._at_s = now_s - self._at_s, now_s
        figures.IN_FLIGHT.set(self._in_flight.count)
        asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def has_room(self) -> bool:
        """Whether there is room for one request more than are in flight."""
        return self._in_flight.count < self._most and self._worked_s < MOST_S

    def check(self, path: str) -> None:
        """Raise ApiError 503 when there is no room for a request that is in flight already."""
        if self._in_flight.count <= self._most and self._worked_s < MOST_S:
            return
        # Whoever watches the service has to be answered then above all.
        if path not in QUIET:
            raise ApiError(
                503,
                "overloaded",
                "this process has as many requests under way as it can answer in time",
                {"Retry-After": str(RETRY_S)},
            )
