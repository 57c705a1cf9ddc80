"""Draining: at the end of the service, what is in flight gets time to end."""

import asyncio
import time


class InFlight:
    """Counts the requests under way: each is, for as long as its `with` block."""

    def __init__(self) -> None:
        self.count = 0
        self._none: asyncio.Event | None = None
        """Once somebody waits for it."""

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1
        if self._none is not None and not self.count:
            self._none.set()

    async def drained(self, grace_s: float) -> bool:
        """Wait until nothing is in flight; False when the time was not enough.

        aiohttp's own waiting comes too late for requests whose body is still being sent: from its
        shutdown on it takes no more of it.
        """
        self._none = asyncio.Event()
        ends_s = time.monotonic() + grace_s
        while self.count:
            # One may begin after the last has ended.
            self._none.clear()
            try:
                await asyncio.wait_for(self._none.wait(), ends_s - time.monotonic())
            except TimeoutError:
                return False
        return True
