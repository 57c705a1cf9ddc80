"""Counting what happened within any one second."""

from collections import deque

WINDOW_S = 1.0


class OneSecondWindow:
    """Events of the last second, and the most that any one second ever held.

    The window is half open: two events exactly one second apart never share one. Times are of one
    monotonic clock, in seconds, and never go back.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.busiest = 0

    def count(self, now_s: float) -> int:
        """How many events the second that ends now holds."""
        while self._times and self._times[0] <= now_s - WINDOW_S:
            self._times.popleft()
        return len(self._times)

    def add(self, now_s: float) -> None:
        """Note one event."""
        self._times.append(now_s)
        self.busiest = max(self.busiest, self.count(now_s))
