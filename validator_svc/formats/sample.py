"""A file whose beginning is looked at before it is read, seekable or not."""

from collections.abc import Iterator
from typing import BinaryIO

# Enough rows to tell a phone column from others, little enough to hold for every upload.
SAMPLE_BYTES = 256 * 1024
# Numbers go to the classifier a block at a time; it is fastest while a block stays in the CPU's cache.
BLOCK_BYTES = 64 * 1024
# Where rows are long the sample grows until it has a few, but no further than this.
MAX_SAMPLE_BYTES = 2 * 1024 * 1024
FEW_LINES = 8


class SampledFile:
    """Wraps a binary file object (a file, a pipe, a spooled upload) at its current position."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.sample = read_up_to(file, SAMPLE_BYTES)
        """The first bytes: `SAMPLE_BYTES`, or more where rows are long, at most `MAX_SAMPLE_BYTES`."""
        self.is_whole = len(self.sample) < SAMPLE_BYTES
        """Whether the sample is all there is."""
        while not self.is_whole and has_few_lines(self.sample) and len(self.sample) < MAX_SAMPLE_BYTES:
            more = read_up_to(file, SAMPLE_BYTES)
            self.sample += more
            self.is_whole = len(more) < SAMPLE_BYTES

    def blocks(self) -> Iterator[bytes]:
        """All bytes in order, the sample first, in blocks of at most `BLOCK_BYTES`. To be called once."""
        for start in range(0, len(self.sample), BLOCK_BYTES):
            yield self.sample[start : start + BLOCK_BYTES]
        while block := self.file.read(BLOCK_BYTES):
            yield block

    def first_foreign_bytes(self) -> bytes:
        """The sample; when that is all ASCII and the file can seek, the first block that is not.

        The position of the file stays as it was. Empty when the whole file is ASCII.
        """
        if not self.sample.isascii():
            return self.sample
        if not self.file.seekable():
            return b""
        position = self.file.tell()
        try:
            while (block := self.file.read(BLOCK_BYTES)).isascii() and block:
                pass
            return block
        finally:
            self.file.seek(position)


def read_up_to(file: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end: a pipe gives what it has, which may be less."""
    pieces: list[bytes] = []
    missing = size
    while missing and (piece := file.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def has_few_lines(text: bytes) -> bool:
    """Whether the text has too few line ends to tell what its lines are like."""
    return max(text.count(b"\n"), text.count(b"\r")) < FEW_LINES
