"""Compressed files: recognised by their first bytes, read as what is in them."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.readable_file import ReadableFile, buffered

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# The second begins an archive with nothing in it.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What a frame may ask for: the default of the zstd command too. A hostile one asks for gigabytes.
WINDOW_LOG_MAX = 27
# Lists of different numbers shrink to a third, tables around them to a tenth; what shrinks far more holds
# the same again and again, and the work on it would be without end for next to nothing sent.
LEAST_UNPACKED_BYTES, UNPACKED_RATIO = 64 * 1024 * 1024, 100


class Compression(NamedTuple):
    """A way to compress files."""

    name: str
    magic: bytes
    """What such files begin with."""
    endings: tuple[str, ...]
    """What is put behind the ending of a name."""
    reader: Callable[[io.BufferedReader], io.BufferedIOBase]
    """What is in such a file; it may go on over several members."""
    writer: Callable[[BinaryIO], io.BufferedIOBase]
    """What compresses into a file; closing it ends that, and leaves the file open."""


GZIP = Compression(
    "gzip",
    b"\x1f\x8b",
    (".gz", ".gzip"),
    lambda file: gzip.GzipFile(fileobj=file),
    lambda file: gzip.GzipFile("", "wb", 1, file, mtime=0),
)
ZSTD = Compression(
    "zstd",
    b"\x28\xb5\x2f\xfd",
    (".zst", ".zstd"),
    lambda file: zstd.ZstdFile(
        file, options={int(zstd.DecompressionParameter.window_log_max): WINDOW_LOG_MAX}
    ),
    lambda file: zstd.ZstdFile(file, "wb", level=3),
)
COMPRESSIONS = (GZIP, ZSTD)
ENDINGS = tuple(ending for each in COMPRESSIONS for ending in each.endings)


class PackedFileError(UnreadableFileError):
    """A compressed file that is corrupt or cut short."""


class Packed(ReadableFile):
    """Reads a compressed file as it is, and counts its bytes."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.read_bytes = 0

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        size = self._file.readinto1(buffer)
        self.read_bytes += size
        return size


class Unpacked(ReadableFile):
    """Reads what is in a compressed file; every fault of it comes out as PackedFileError."""

    def __init__(self, packed: Packed, compression: Compression) -> None:
        self._packed = packed
        self._file = compression.reader(buffered(packed))
        self._kind = compression.name
        self._bytes = 0

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        try:
            data = self._file.read(len(buffer))
        except (gzip.BadGzipFile, EOFError, zlib.error, zstd.ZstdError):
            raise PackedFileError(f"the {self._kind} file is corrupt or cut short") from None
        self._bytes += len(data)
        if self._bytes > LEAST_UNPACKED_BYTES + UNPACKED_RATIO * self._packed.read_bytes:
            raise PackedFileError(
                f"the {self._kind} file is over {UNPACKED_RATIO} times as large when it is unpacked;"
                " expected a list of numbers, or the file as it is"
            )
        buffer[: len(data)] = data
        return len(data)


def unpacked(file: io.BufferedReader) -> io.BufferedReader:
    """The file, or what is in it when it is compressed."""
    start = file.peek(4)[:4]
    for each in COMPRESSIONS:
        if start.startswith(each.magic):
            return buffered(Unpacked(Packed(file), each))
    return file


def unpacked_name(name: str) -> str:
    """A file's name without the ending of its compression."""
    return name[: name.rindex(".")] if name.lower().endswith(ENDINGS) else name


def compression_of(name: str) -> Compression | None:
    """How a file of this name is compressed; None when it is not."""
    return next((each for each in COMPRESSIONS if name.lower().endswith(each.endings)), None)
