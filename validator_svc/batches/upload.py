"""An upload that is still arriving, as a file; and what bounds its reading."""

import asyncio
import concurrent.futures
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.readable_file import FileOfPieces, ReadableFile
from validator_svc.formats.sample import SAMPLE_BYTES

# A segment is held as a whole, when it is cut and when it is worked.
MAX_SEGMENT_BYTES = 32 * 1024 * 1024


class UploadTooLargeError(Exception):
    """More came than may; the message says how much may."""


class Upload(FileOfPieces):
    """Reads `pieces` on demand: nothing is held but the piece that came last.

    To be made in the event loop and read in one other thread. Reading raises what `pieces` raises,
    and concurrent.futures.CancelledError after `abort`.
    """

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._loop = asyncio.get_running_loop()
        self._waiting: concurrent.futures.Future[bytes] | None = None
        self._is_aborted = False
        self.sha256 = hashlib.sha256()
        """Over what was read so far."""

    def read_to_end(self) -> None:
        """Read what nobody read so far, so that the SHA-256 is of all that was sent."""
        while self.next_piece():
            pass

    def check(self) -> None:
        """Raise concurrent.futures.CancelledError after `abort`."""
        if self._is_aborted:
            raise concurrent.futures.CancelledError

    def abort(self) -> None:
        """Wake whoever reads, and end it. To be called in the event loop."""
        self._is_aborted = True
        if self._waiting is not None:
            self._waiting.cancel()

    def next_piece(self) -> bytes | None:
        """The next one, which counts for the SHA-256. Raises what reading raises."""
        self.check()
        self._waiting = asyncio.run_coroutine_threadsafe(self._piece(), self._loop)
        if self._is_aborted:
            self._waiting.cancel()
        piece = self._waiting.result()
        self.sha256.update(piece)
        return piece or None

    async def _piece(self) -> bytes:
        async for piece in self._pieces:
            if piece:
                return piece
        return b""


class Bounded(ReadableFile):
    """Reads another file, up to so many bytes. Raises UploadTooLargeError beyond."""

    def __init__(self, file: io.RawIOBase | io.BufferedIOBase, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._left_bytes = max_bytes

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        size = self._file.readinto(buffer) or 0
        self._left_bytes -= size
        if self._left_bytes < 0:
            raise UploadTooLargeError(f"expected at most {self._max_bytes} bytes, decompressed")
        return size


class SegmentBounded:
    """Lets blocks through, up to so many bytes a segment. Raises UnreadableFileError beyond."""

    def __init__(self) -> None:
        self._bytes = 0

    def through(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks."""
        for block in blocks:
            self._bytes += len(block)
            if self._bytes > MAX_SEGMENT_BYTES:
                raise UnreadableFileError(
                    f"its rows get far longer than those in the first {SAMPLE_BYTES // 1024} kB"
                )
            yield block

    def begin_segment(self) -> None:
        """Count anew."""
        self._bytes = 0
