"""Draining: at the end of the service, what is in flight gets time to end."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler


class InFlight:
    """Counts the requests under way."""

    def __init__(self) -> None:
        self.count = 0
        self._none = asyncio.Event()
        self._none.set()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request for as long as it is handled."""
        self.count += 1
        self._none.clear()
        try:
            return await handler(request)
        finally:
            self.count -= 1
            if not self.count:
                self._none.set()

    async def drained(self, grace_s: float) -> bool:
        """Wait until nothing is in flight; False when the time was not enough.

        aiohttp's own waiting comes too late for requests whose body is still being sent: from its
        shutdown on it takes no more of it.
        """
        try:
            await asyncio.wait_for(self._none.wait(), grace_s)
        except TimeoutError:
            return False
        return True
