"""A telecom system that answers a request sent on to it with whatever it is told to, or not at all."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator

from tests.service import lasting_port

# Known before the service starts, to which it is told.
PORT = lasting_port()
OK = b"HTTP/1.1 200 OK\r\n"


def answers_of() -> list[bytes]:
    """What no system answers, each ending with the connection."""
    bomb = gzip.compress(b"0" * 200_000_000)
    return [
        b"",
        b"\x00" * 100_000,
        OK + b"A: b\r\n" * 200_000,
        OK + b"A: " + b"b" * 1_000_000,
        OK + b"\r\n" + b"x" * 50_000_000,
        OK + b"Content-Length: 99999999999\r\n\r\n{}",
        OK + b"Content-Length: -1\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 2_000_000,
        OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(bomb), bomb),
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Type: \x7f/\xff\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Away\r\nRetry-After: 1e309\r\nContent-Length: 0\r\n\r\n",
    ]


class HostileSystem:
    """What it answers next; None: nothing, and the connection stays open."""

    answer: bytes | None = None

    def __init__(self) -> None:
        self.serving: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to serve a connection."""
        task = asyncio.create_task(self.serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with (
            contextlib.closing(writer),
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError),
        ):
            await reader.readuntil(b"\r\n\r\n")
            if self.answer is None:
                await reader.read()
            else:
                writer.write(self.answer)
                await writer.drain()


@contextlib.asynccontextmanager
async def hostile_system() -> AsyncIterator[HostileSystem]:
    """The system, for as long as the block."""
    system = HostileSystem()
    server = await asyncio.start_server(system.connected, "127.0.0.1", PORT)
    try:
        yield system
    finally:
        server.close()
        for task in system.serving:
            task.cancel()
        await asyncio.gather(*system.serving, return_exceptions=True)
