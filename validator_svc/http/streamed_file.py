"""A file that is streamed: a workbook, a JSON array, a compressed file, as text that is answered meanwhile.

It is unpacked and read in a thread of its own, as files of batches are, and has one of their places; a
workbook is read in a process with limits.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import BinaryIO, NamedTuple, TypeVar, cast

from aiohttp import web

from validator_svc.batches.upload import Bounded, Upload, UploadTooLargeError
from validator_svc.formats.compression import COMPRESSIONS, unpacked
from validator_svc.formats.encoding import encoding_seen
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.foreign import refuse_binary
from validator_svc.formats.input_formats import INPUT_FORMATS, rows_of
from validator_svc.formats.layout import Hints
from validator_svc.formats.readable_file import buffered
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.text_formats import Format
from validator_svc.http import context
from validator_svc.http.errors import ApiError, unavailable
from validator_svc.http.uploads import RETRY_S

OLE, PDF = b"\xd0\xcf\x11\xe0", b"%PDF-"
"""Of these nothing is read; as files it is said what they are."""
STARTS = (
    *(start for each in INPUT_FORMATS for start in each.starts),
    *(each.magic for each in COMPRESSIONS),
    *(OLE, PDF),
)

Given = TypeVar("Given")


class Text(NamedTuple):
    """What is in a file."""

    blocks: Iterator[bytes]
    encoding: str
    format: Format | None
    """None where its content has to tell."""


class StreamedText(NamedTuple):
    """The same, read in another thread."""

    blocks: AsyncIterator[bytes]
    encoding: str
    format: Format | None


@asynccontextmanager
async def text_of_file(
    request: web.Request, pieces: AsyncIterator[bytes], hints: Hints
) -> AsyncIterator[StreamedText]:
    """What is in a file, while it has a place among those taken in at the same time.

    Raises ApiError 422 and 413 for what cannot be read, 503 when all places are taken; so do the blocks.
    """
    places = request.app[context.UPLOADS]
    if places.locked():
        raise unavailable("too many files are being taken in", RETRY_S)
    async with places:
        upload = Upload(pieces)
        thread = ThreadPoolExecutor(1, "streamed-file")
        max_bytes = request.app[context.SETTINGS].upload_max
        try:
            text = await done_in(thread, lambda: opened(upload, hints, max_bytes))
            yield StreamedText(read_in(thread, text.blocks), text.encoding, text.format)
        finally:
            upload.abort()
            thread.shutdown(wait=False, cancel_futures=True)


def opened(upload: Upload, hints: Hints, max_bytes: int) -> Text:
    """What is in a file. Blocks. Raises UnreadableFileError, UploadTooLargeError."""
    plain = buffered(Bounded(unpacked(buffered(upload)), max_bytes))
    file = SampledFile(cast(BinaryIO, plain))
    made = rows_of(file, hints, upload.check)
    if made is not None:
        _, rows = made
        return Text(rows.blocks, "utf-8", rows.format)
    refuse_binary(file.sample)
    return Text(file.blocks(), encoding_seen(file, hints.encoding, hints.charset), None)


async def read_in(thread: ThreadPoolExecutor, blocks: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The blocks, each read when it is asked for."""
    while block := await done_in(thread, lambda: next(blocks, b"")):
        yield block


async def done_in(thread: ThreadPoolExecutor, work: Callable[[], Given]) -> Given:
    """Do what blocks. Raises ApiError for what is wrong with a file."""
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    except UnreadableFileError as error:
        raise ApiError(422, "unreadable_body", f"body: {error}") from None
    except UploadTooLargeError as error:
        raise ApiError(413, "body_too_large", f"body: {error}") from None


async def first_bytes(pieces: AsyncIterator[bytes]) -> bytes:
    """The beginning of a body, long enough to tell a file by it; a line of text waits for no other."""
    first = b""
    async for piece in pieces:
        first += piece
        if not any(start.startswith(first) for start in STARTS):
            break
    return first
