"""Content codings: bodies compressed as the client accepts them (RFC 9110, 8.4 and 12.5.3)."""

import asyncio
import sys
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Literal

from aiohttp import web

from validator_svc.http.accept import best_coding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["zstd", "gzip", "identity"]
# The best first; of those that a client likes as well, the earlier one is taken.
CODINGS: tuple[Coding, ...] = ("zstd", "gzip", "identity")

# Fast: records shrink to a fifth at any level.
LEVEL = 1
GZIP = 16 + zlib.MAX_WBITS


def accepted_coding(request: web.Request) -> Coding:
    """The coding that the client likes best."""
    return best_coding(request, CODINGS, "identity")


def headers_of(coding: Coding) -> Mapping[str, str]:
    """The headers of a body in that coding."""
    vary = {"Vary": "Accept-Encoding"}
    return vary if coding == "identity" else vary | {"Content-Encoding": coding}


def encoded(parts: AsyncIterator[bytes], coding: Coding) -> AsyncIterator[bytes]:
    """The body in that coding; each part can be read as soon as it is there."""
    if coding == "zstd":
        return in_zstd(parts)
    return in_gzip(parts) if coding == "gzip" else parts


async def in_zstd(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """One frame for all, as many clients read no more; each part ends with a block."""
    packer = zstd.ZstdCompressor(LEVEL)
    async for part in parts:
        yield await asyncio.to_thread(packer.compress, part, zstd.ZstdCompressor.FLUSH_BLOCK)
    yield packer.flush()


async def in_gzip(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """One member for all, as browsers read no more."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    async for part in parts:
        yield await asyncio.to_thread(
            lambda part: packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH), part
        )
    yield packer.flush()
