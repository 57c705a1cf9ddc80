"""A caller who goes away in the middle is no fault of the service."""

import asyncio
import socket
import struct

import aiohttp
import orjson
import pytest

from tests.http.raw import logged_by_now
from tests.service import Service
from tests.waiting import wait_until

FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n'
FILE_PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
UPLOADS = [
    ("/v1/batches?type=format", "text/csv", b"1\n2\n" * 100),
    ("/v1/batches?type=format", FORM, FILE_PART + b"1\n2\n"),
    ("/v1/batches?type=format", FORM, PART % b"country" + b"I"),
    ("/v1/estimate?type=format", "text/csv", b"1\n2\n" * 100),
    ("/v1/validation", "application/json", b'{"type":'),
    ("/v1/stream?type=format", "text/csv", b"name"),
]


def events(service: Service, after: int) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in service.log[after:]]


@pytest.mark.parametrize("is_reset", [False, True])
@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize(("path", "media_type", "body"), UPLOADS)
async def test_an_upload_that_is_broken_off(
    service: Service, path: str, media_type: str, body: bytes, is_chunked: bool, is_reset: bool
) -> None:
    logged = await logged_by_now(service)
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    length = "Transfer-Encoding: chunked" if is_chunked else "Content-Length: 100000"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\n{length}\r\n\r\n"
    sent = b"%x\r\n%b\r\n" % (len(body), body) if is_chunked else body
    writer.write(head.encode() + sent)
    await writer.drain()
    close(writer, is_reset)
    await wait_until(lambda: events(service, logged))
    assert [(event["event"], event["status"], event["level"]) for event in events(service, logged)] == [
        ("request", 499, "info")
    ]


async def test_a_stream_whose_reader_goes(service: Service) -> None:
    logged = await logged_by_now(service)
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = "POST /v1/stream?type=format HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode() + b"4\r\n1\n2\n\r\n")
    await reader.readuntil(b"\n{")
    close(writer, is_reset=True)
    async with aiohttp.ClientSession(service.url) as client, client.get("/v1/batches") as response:
        assert response.status == 200
    await wait_until(lambda: events(service, logged))
    assert {event["level"] for event in events(service, logged)} == {"info"}


def close(writer: asyncio.StreamWriter, is_reset: bool) -> None:
    if is_reset:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
