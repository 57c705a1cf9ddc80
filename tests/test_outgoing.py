"""Connections to other servers: whatever comes, it comes whole, and others go on meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from validator_svc.outgoing import SLICE_BYTES, SlicedConnector

OK = b"HTTP/1.1 200 OK\r\n"
BODY = bytes(range(32, 127)) * 4_000
ONE_BYTE_EACH = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """Where whatever is asked is answered with these bytes, and the end of the connection."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class Turns:
    """Counts the turns that others have."""

    count = 0

    async def run(self) -> None:
        while True:
            self.count += 1
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + ONE_BYTE_EACH,
        OK + b"\r\n" + BODY,
        OK + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
        INTERIM + OK + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    ],
    ids=["a byte each", "to its end", "of known length", "after others"],
)
async def test_an_answer_comes_whole_and_others_have_their_turns(answer: bytes) -> None:
    turns = Turns()
    async with answering(answer) as url, aiohttp.ClientSession(connector=SlicedConnector()) as client:
        others = asyncio.create_task(turns.run())
        async with client.get(url) as response:
            assert await response.read() == BODY
        others.cancel()
    assert turns.count > len(answer) // SLICE_BYTES


class Kept:
    """Answers on connections that it keeps open: the head at once, the rest when it is told to."""

    def __init__(self, head: bytes, rest: bytes) -> None:
        self.parts = head, rest
        self.has_head = asyncio.Event()
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        self.connections += 1
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self.parts[0])
                await self.has_head.wait()
                self.has_head.clear()
                writer.write(self.parts[1])

    async def asked(self, times: int) -> set[bytes]:
        """The bodies that come when it is asked so often, one after the other."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        bodies = set[bytes]()
        async with server, aiohttp.ClientSession(connector=SlicedConnector()) as client:
            for _ in range(times):
                async with client.get(url) as response:
                    self.has_head.set()
                    bodies.add(await response.read())
        return bodies


async def test_a_connection_is_used_again_after_an_answer_in_parts() -> None:
    system = Kept(OK + b"Content-Length: %d\r\n\r\n" % len(BODY), BODY)
    assert await system.asked(3) == {BODY}
    assert system.connections == 1


async def test_a_connection_is_not_used_again_on_which_more_came_than_was_asked_for() -> None:
    more = OK + b"Content-Length: 99999\r\n\r\n" + b"x" * 99_999
    system = Kept(OK + b"Content-Length: 2\r\n\r\n", b"{}" + more)
    assert await system.asked(3) == {b"{}"}
    assert system.connections == 3
