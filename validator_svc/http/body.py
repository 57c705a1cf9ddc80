"""Request bodies: read as they come, decompressed within bounds."""

import io
import zlib
from collections.abc import AsyncIterator

from aiohttp import web

from validator_svc.http.errors import ApiError
from validator_svc.turns import next_turn

# Decompressed bytes handled at a time: what a bomb can occupy before it is noticed.
PIECE_BYTES = 64 * 1024
# Lists of numbers shrink to a tenth or so. What shrinks far more would cost this service far more than its
# sender.
LEAST_INFLATED_BYTES, INFLATED_RATIO = 1024 * 1024, 100
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


async def pieces(request: web.Request) -> AsyncIterator[bytes]:
    """The body in pieces of at most a few hundred kB, decompressed by its Content-Encoding.

    Raises ApiError 415 for an unknown encoding, 400 for a body that does not match it, 413 for one
    that expands to more than `INFLATED_RATIO` times its size.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        async for piece in request.content.iter_any():
            yield piece
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ApiError(415, "unsupported_encoding", "Content-Encoding: expected gzip, deflate or identity")
    async for piece in inflated(request):
        yield piece


async def joined(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a body with the first one, which was looked at, back in its place."""
    yield first
    async for piece in others:
        yield piece


async def inflated(request: web.Request) -> AsyncIterator[bytes]:
    """A gzip or deflate body, decompressed piece by piece; members of a gzip file follow each other."""
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    allowed = LEAST_INFLATED_BYTES
    try:
        async for packed in request.content.iter_any():
            allowed += INFLATED_RATIO * len(packed)
            while packed:
                if inflater.eof:
                    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
                piece = inflater.decompress(packed, PIECE_BYTES)
                allowed -= len(piece)
                if allowed < 0:
                    raise expands_too_far()
                yield piece
                # Pieces come as fast as they are asked for; others want to be served meanwhile.
                await next_turn()
                packed = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error:
        raise wrong_encoding() from None
    # Output may still be held back when the input ends exactly where a piece was full.
    while not inflater.eof:
        rest = inflater.decompress(b"", PIECE_BYTES)
        if not rest:
            raise wrong_encoding()
        yield rest


def expands_too_far() -> ApiError:
    """413 for a compressed body that is a bomb, or might as well be one."""
    return ApiError(
        413,
        "body_too_large",
        f"body: expands to more than {INFLATED_RATIO} times its size; send it without Content-Encoding",
    )


def wrong_encoding() -> ApiError:
    """400 for a compressed body that is corrupt or cut short."""
    return ApiError(
        400, "invalid_body_encoding", "body: does not match its Content-Encoding, or is cut short"
    )


async def whole(request: web.Request, max_bytes: int) -> bytes:
    """The whole body. Raises ApiError 413 as soon as it is known to be over `max_bytes`."""
    too_large = ApiError(413, "body_too_large", f"body: expected at most {max_bytes} bytes")
    if (request.content_length or 0) > max_bytes:
        raise too_large
    if request.content.is_eof() and "Content-Encoding" not in request.headers:
        # All of it came along with the head.
        content = request.content.read_nowait()
        if len(content) > max_bytes:
            raise too_large
        return content
    # What it gives in the end is what it was written into: nothing is held twice.
    body = io.BytesIO()
    async for piece in pieces(request):
        body.write(piece)
        if body.tell() > max_bytes:
            raise too_large
    return body.getvalue()
