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
