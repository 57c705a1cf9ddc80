"""A form with a file in it (RFC 7578): its fields count wherever they stand."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO, NamedTuple, cast

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.multipart import MultipartReader

from validator_svc.http.errors import ApiError, bad_parameter
from validator_svc.http.names import refuse_unknown, shown
from validator_svc.http.parameters import Query

READ_BYTES = 64 * 1024
# Written and read in one go, in a thread.
BLOCK_BYTES = 1024 * 1024
MAX_FIELD_BYTES = 4 * 1024
MAX_PARTS = 40
# What aiohttp raises for a form that is none; the texts may hold what was sent.
MALFORMED = (ValueError, RuntimeError, AssertionError, TypeError, LookupError, BadHttpMessage)


class FormFile(NamedTuple):
    """The file of a form, on the disk as it came."""

    name: str
    content_type: str
    content_encoding: str
    file: BinaryIO

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file from its beginning."""
        await asyncio.to_thread(self.file.seek, 0)
        while piece := await asyncio.to_thread(self.file.read, BLOCK_BYTES):
            yield piece


@asynccontextmanager
async def form_of(request: web.Request, query: Query, max_bytes: int) -> AsyncIterator[FormFile]:
    """Read a form to its end: its fields into `query`, its one file to the disk, for as long as it is used.

    How a file is to be read may be said after it, so nothing is done with it before. Raises ApiError 400
    for a form or a field that cannot be used, 413 over `max_bytes`, OSError from the disk.
    """
    with tempfile.TemporaryFile() as spool:
        file: FormFile | None = None
        async for part in parts_of(request):
            if part.filename is None and part.name != "file":
                refuse_unknown([part.name or ""], query.known, "field")
                query.add_field(part.name or "", await field_of(part))
                continue
            if file is not None:
                raise bad_parameter("file", "expected one file in the form, got more")
            if part.name in query.known:
                raise bad_parameter(part.name or "", "expected a field, got a file")
            headers = part.headers
            file = FormFile(
                part.filename or "",
                headers.get("Content-Type", ""),
                headers.get("Content-Encoding", ""),
                cast(BinaryIO, spool),
            )
            await spooled(part, file.file, max_bytes)
        if file is None:
            raise bad_parameter("file", "expected a part with a file in the form")
        yield file


async def parts_of(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The parts of the form, each to be read before the next. Raises ApiError 400."""
    reader: MultipartReader | None = None
    for _ in range(MAX_PARTS):
        try:
            reader = reader or await request.multipart()
            part = await reader.next()
        except MALFORMED:
            raise malformed() from None
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise malformed()
        if part.headers.get("Content-Transfer-Encoding", "binary").lower() not in ("binary", "8bit", "7bit"):
            raise ApiError(
                415, "unsupported_encoding", "Content-Transfer-Encoding: expected none, as RFC 7578 has it"
            )
        yield part
    raise ApiError(400, "malformed_body", f"body: expected at most {MAX_PARTS} parts in the form")


async def chunks_of(part: BodyPartReader) -> AsyncIterator[bytes]:
    """What is in a part, as it comes. Raises ApiError 400 when it is cut short."""
    while True:
        try:
            chunk = await part.read_chunk(READ_BYTES)
        except MALFORMED:
            raise malformed() from None
        if not chunk:
            return
        yield chunk


async def field_of(part: BodyPartReader) -> str:
    """The text of a field. Raises ApiError 400 when it is long, or no UTF-8."""
    name = shown(part.name or "")
    value = bytearray()
    async for chunk in chunks_of(part):
        value += chunk
        if len(value) > MAX_FIELD_BYTES:
            raise bad_parameter(name, f"expected at most {MAX_FIELD_BYTES} bytes")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise bad_parameter(name, "expected UTF-8") from None


async def spooled(part: BodyPartReader, file: BinaryIO, max_bytes: int) -> None:
    """Write a part to the disk. Raises ApiError 413, OSError."""
    size, block = 0, bytearray()
    async for chunk in chunks_of(part):
        size += len(chunk)
        if size > max_bytes:
            raise ApiError(413, "body_too_large", f"file: expected at most {max_bytes} bytes")
        block += chunk
        if len(block) >= BLOCK_BYTES:
            await asyncio.to_thread(file.write, block)
            block = bytearray()
    await asyncio.to_thread(file.write, block)
    await asyncio.to_thread(file.flush)


def malformed() -> ApiError:
    """400 for a form that is none, or is cut short."""
    return ApiError(400, "malformed_body", "body: expected multipart/form-data, whole")
