"""A client that costs as little as can be, so that what is measured is the server."""

import asyncio
import re
from typing import cast

LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)


def request_bytes(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """A request as it goes over the connection."""
    of_body = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{of_body}{headers}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.status = 0
        self._received = b""
        self._answered: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """A connection to this machine."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are no subclass.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        if b"chunked" in head:
            if not body.endswith(b"0\r\n\r\n"):
                return
            body = unchunked(body)
        else:
            length = LENGTH.search(head)
            if length is None or len(body) < int(length[1]):
                return
        self._received = b""
        self.status = int(head[9:12])
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(body)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionResetError("the server closed the connection"))

    async def answer_to(self, request: bytes) -> bytes:
        """The body of the answer; `status` has its status. Raises ConnectionError."""
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answered

    def close(self) -> None:
        """Close it."""
        self.transport.close()


def unchunked(body: bytes) -> bytes:
    """A body without what marks its chunks."""
    pieces = []
    while body:
        size, _, body = body.partition(b"\r\n")
        pieces.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return b"".join(pieces)
