"""Sending replies: whole, broken in the ways a fault says, or not at all."""

import asyncio
import contextlib
import random
import socket
import struct
from typing import Any

import orjson
from aiohttp import web

from loadtest.wavix_emulator.options import Options

JSON = "application/json"
HTML_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
WRONG_SHAPES = (
    *(b"null", b"[]", b"{}", b'"ok"', b"200", b'{"status":"success"}', b'{"items":[null,1,"x",[]]}'),
    *(b'{"status":"success","count":1,"pending":0,"items":{"0":{}}}', b'{"phone_number":null,"valid":null}'),
    b'{"status":"success","count":"many","pending":"none","items":[{"phone_number":7}]}',
)
CHUNK_BYTES = 65_536
SLOW_PIECES = 20
# SO_LINGER on, 0 s: closing sends RST instead of FIN.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
CLIENT_GONE_CHECK_S = 0.02


def error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error as the public API words it: `success`, `error` and `message`."""
    body = orjson.dumps({"success": False, "error": True, "message": message})
    return web.Response(status=status, body=body, content_type=JSON, headers=headers)


async def lose(request: web.Request, fault: str, options: Options) -> web.StreamResponse:
    """End the request without its answer, as a fault of `LOSSES_BEFORE` or `LOSSES_AFTER` says."""
    match fault.removesuffix("_after"):
        case "reset":
            reset_connection(request)
        case "hang":
            await client_gone(request)
        case "http500":
            return error(500, "Internal Server Error")
        case "http502":
            return web.Response(status=502, body=HTML_PAGE, content_type="text/html")
        case "http503":
            # Retry-After says that nothing was done, and so nothing billed.
            is_after = fault.endswith("_after")
            return error(503, "Service Unavailable", {} if is_after else options.retry_after.headers())
    # The connection is gone: aiohttp wants a response all the same, and cannot send it.
    return web.Response()


def reset_connection(request: web.Request) -> None:
    """Cut the connection so that the client sees a reset (ECONNRESET)."""
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    request.transport.abort()


async def client_gone(request: web.Request) -> None:
    """Wait until the client gives up."""
    # aiohttp tells a handler that its client is gone by cancelling it, or not at all; so look.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(CLIENT_GONE_CHECK_S)


async def send(
    request: web.Request, status: int, payload: Any, fault: str | None, options: Options, rng: random.Random
) -> web.StreamResponse:
    """Send `payload` as JSON, spoilt as a fault of `BODIES` says; None: as it should be."""
    body = orjson.dumps(payload)
    match fault:
        case "cut_off":
            return await send_half(request, status, body)
        case "huge":
            return await send_huge(request, status, options.huge_size)
        case "slow":
            return await send_slowly(request, status, body, options.slow_for)
        case "html":
            return web.Response(status=status, body=HTML_PAGE, content_type="text/html")
    spoilt = {
        "truncated": body[: len(body) // 2],
        "malformed": b'{"status": "success", "items": [{"phone_number": ' + body,
        "wrong_shape": rng.choice(WRONG_SHAPES),
    }
    return web.Response(status=status, body=spoilt.get(fault or "", body), content_type=JSON)


async def send_half(request: web.Request, status: int, body: bytes) -> web.StreamResponse:
    """Promise the whole body, send half of it and close."""
    response = web.StreamResponse(status=status, headers={"Content-Type": JSON})
    response.content_length = len(body)
    response.force_close()
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    return response


async def send_huge(request: web.Request, status: int, size_bytes: int) -> web.StreamResponse:
    """Send valid JSON of about `size_bytes`, for as long as the client takes it."""
    response = web.StreamResponse(status=status, headers={"Content-Type": JSON})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        await response.write(b'{"status":"success","count":1,"pending":0,"items":[],"padding":"')
        for sent in range(0, size_bytes, CHUNK_BYTES):
            await response.write(b"x" * min(CHUNK_BYTES, size_bytes - sent))
        await response.write(b'"}')
    return response


async def send_slowly(request: web.Request, status: int, body: bytes, slow_s: float) -> web.StreamResponse:
    """Send the right body in small pieces, over `slow_s` seconds."""
    response = web.StreamResponse(status=status, headers={"Content-Type": JSON})
    response.content_length = len(body)
    await response.prepare(request)
    piece = len(body) // SLOW_PIECES + 1
    with contextlib.suppress(ConnectionError):
        for start in range(0, len(body), piece):
            await asyncio.sleep(slow_s / SLOW_PIECES)
            await response.write(body[start : start + piece])
    return response
