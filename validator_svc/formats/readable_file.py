"""What is no file on a disk, read as one: made piece by piece, or of another file."""

import io
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

BUFFER_BYTES = 64 * 1024


class ReadableFile(io.RawIOBase):
    """A file that is read only; what is one says by `readinto` how."""

    def readable(self) -> bool:
        """It is."""
        return True


class FileOfPieces(ReadableFile):
    """Reads pieces as one file: takes what is there, and asks for the next piece only when nothing is."""

    _rest = memoryview(b"")

    @abstractmethod
    def next_piece(self) -> bytes | None:
        """The next piece; None at the end. Blocks."""

    def readinto(self, buffer: Any) -> int:
        """Read on. Raises what `next_piece` raises."""
        while not self._rest:
            piece = self.next_piece()
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class Joined(FileOfPieces):
    """Reads pieces that an iterator makes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def next_piece(self) -> bytes | None:
        """The next one."""
        return next(self._pieces, None)


def joined(pieces: Iterator[bytes]) -> BinaryIO:
    """Pieces, made one by one, as one file."""
    return cast(BinaryIO, buffered(Joined(pieces)))


def buffered(file: io.RawIOBase) -> io.BufferedReader:
    """The file with a look ahead."""
    return io.BufferedReader(file, BUFFER_BYTES)
