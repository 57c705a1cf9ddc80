"""Connections to other servers, of which some may be hostile: what they answer is taken in some at a time.

All that came at once is a quarter of a megabyte, and may be tens of thousands of answers before the answer,
or pieces of a body, each of which takes some microseconds.
"""

import asyncio
import functools
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

SLICE_BYTES = 8 * 1024


class SlicedProtocol(ResponseHandler):
    """aiohttp's protocol of a client, which lets others go on between slices of what came."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._left = bytearray()
        self._taking_bytes = 0
        self._is_due = False
        self._lost: list[BaseException | None] = []

    @property
    def should_close(self) -> bool:
        """Whether nobody else may have the connection; so while something came that nobody asked for."""
        # Asked while the end of an answer is taken in, too: that much of it was asked for.
        return len(self._left) > self._taking_bytes or super().should_close

    def data_received(self, data: bytes) -> None:
        """Take in the first slice, and the others later."""
        is_first = not self._left
        self._left += data
        if is_first:
            self._take()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Go on once there is room for more."""
        super().resume_reading(resume_parser)
        self._take_soon()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection has ended, once what came before is taken in."""
        if self._left and self.transport is not None:
            self._lost.append(exc)
            self._take_soon()
        else:
            self._left.clear()
            super().connection_lost(exc)

    def _take_soon(self) -> None:
        if self._left and not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._take)

    def _take(self) -> None:
        self._is_due = False
        # What comes while there is no room, and no more will, is not too much.
        if not self._left or (self._reading_paused and not self._lost):
            return
        part = bytes(self._left[:SLICE_BYTES])
        # Still there while it is taken in, so that what comes meanwhile comes after it.
        self._taking_bytes = len(part)
        super().data_received(part)
        self._taking_bytes = 0
        del self._left[: len(part)]
        self._take_soon()
        if self._lost and not self._left:
            super().connection_lost(self._lost.pop())


class SlicedConnector(aiohttp.TCPConnector):
    """Makes such connections."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._factory = functools.partial(SlicedProtocol, loop=self._loop)  # type: ignore[assignment]
