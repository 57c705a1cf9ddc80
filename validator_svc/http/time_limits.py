"""Time limits of a connection: on the head of a request, on its body, and on the reading of its answer.

Whoever opens connections and goes silent would else hold memory and places for ever. What goes on,
however slowly, is left alone, but for small bodies: those have no reason to take minutes.
"""

import asyncio
from typing import NamedTuple

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from validator_svc.http.errors import ApiError
from validator_svc.http.while_connected import connection_closed

SMALL_BODY_BYTES = 1024 * 1024
# A small body may take so many times as long as it may be silent.
SMALL_BODY_PATIENCE = 4


class TimeLimits(NamedTuple):
    """Seconds that a caller gets."""

    head_s: float
    """For the head of a request, from its first byte on."""
    body_s: float
    """Until more of a body comes."""
    answer_s: float
    """Until more of an answer is read."""


class TimedProtocol(RequestHandler):
    """aiohttp's HTTP/1.1 protocol with time limits.

    A connection without a request is closed by aiohttp itself, after its time for keeping alive.
    """

    limits: TimeLimits

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch the connection."""
        super().connection_made(transport)
        self._heard_s = self._loop.time()
        self._head_since_s: float | None = None
        self._body_since_s: float | None = None
        self._unread_bytes = 0
        self._unread_since_s = self._heard_s
        self._look_s = min(self.limits) / 4
        self._watch()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End what waits on behalf of a caller who is gone."""
        request = self._current_request
        super().connection_lost(exc)
        if request is not None:
            connection_closed(request)

    def data_received(self, data: bytes) -> None:
        """Note that something came, and whether it is a part of a head."""
        self._heard_s = self._loop.time()
        super().data_received(data)
        waits = self._waiter is not None and not self._waiter.done()
        self._head_since_s = (self._head_since_s or self._heard_s) if waits else None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered, and whatever was sent has been read by the caller, or nearly."""
        return (
            self._waiter is not None
            and not self._waiter.done()
            and not self._messages
            and not (self._close or self._force_close or self._upgraded)
            and not (self.writing_paused or self._buffer_paused or self._reading_paused)
            and self._keepalive_handle is not None
            and self.transport is not None
        )

    def answered(self, answer: bytes, came_s: float) -> None:
        """Send a whole answer to a request that came just now, and go on waiting for the next one."""
        assert self.transport is not None
        self._heard_s = came_s
        self._request_count += 1
        self._next_keepalive_close_time = came_s + self._keepalive_timeout
        self.transport.write(answer)

    def _watch(self) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        now_s = self._loop.time()
        if self._head_since_s is not None and now_s - self._head_since_s > self.limits.head_s:
            self.force_close()
            return
        self._watch_body(now_s)
        self._watch_answer(now_s)
        self._loop.call_later(self._look_s, self._watch)

    def _watch_body(self, now_s: float) -> None:
        request = self._current_request
        waits = request is not None and getattr(request.content, "_waiter", None) is not None
        if request is None or not waits:
            self._body_since_s = None
            return
        if self._body_since_s is None:
            self._body_since_s = now_s
        silent_s = now_s - max(self._heard_s, self._body_since_s)
        if silent_s > self.limits.body_s:
            self._cut(request, f"body: nothing came for {self.limits.body_s:g} s")
        size = getattr(request, "content_length", None)
        most_s = self.limits.body_s * SMALL_BODY_PATIENCE
        if size is not None and size <= SMALL_BODY_BYTES and now_s - self._body_since_s > most_s:
            self._cut(request, f"body: {size} bytes were not there after {most_s:g} s")

    def _cut(self, request: web.BaseRequest, message: str) -> None:
        """Have whoever reads the body find this error instead of more of it."""
        self._lingering_time = 0.0
        request.content.set_exception(ApiError(408, "request_timeout", message))

    def _watch_answer(self, now_s: float) -> None:
        assert self.transport is not None
        size = self.transport.get_write_buffer_size()
        if not self.writing_paused or size < self._unread_bytes:
            self._unread_since_s = now_s
        self._unread_bytes = size
        if now_s - self._unread_since_s > self.limits.answer_s:
            self.transport.abort()
