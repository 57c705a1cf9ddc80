"""Files that appear whole or not at all: written under a hidden name in the same folder, then renamed."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from validator_svc.drop.disk import Disk, sync_folder


async def put(disk: Disk, path: Path, mark: str, pieces: AsyncIterator[bytes]) -> None:
    """Write a file from its pieces; it is safe on the disk when this returns.

    `mark` is for `remove_partials`. Raises OSError, and what `pieces` raises; then nothing is left.
    """
    partial = partial_of(path, mark)
    file = await disk.run(lambda: partial.open("xb", buffering=0))
    try:
        async with aclosing(pieces) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                await disk.run(lambda: write_all(file, piece))  # noqa: B023
        await disk.run(lambda: os.fsync(file.fileno()))
        await disk.run(lambda: partial.replace(path))
        await disk.run(lambda: sync_folder(path.parent))
    except BaseException:
        await disk.run(lambda: partial.unlink(missing_ok=True))
        raise
    finally:
        await disk.run(file.close)


def put_lightly(path: Path, mark: str, data: bytes) -> None:
    """Write a small file that may be lost in a power cut. Blocks. Raises OSError."""
    partial = partial_of(path, mark)
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def remove_partials(folder: Path, mark: str) -> None:
    """Remove what processes left that were killed while they wrote. Blocks. Raises OSError."""
    for partial in folder.glob(f".{mark}.*.partial"):
        partial.unlink(missing_ok=True)


def partial_of(path: Path, mark: str) -> Path:
    """A hidden name that no other process has."""
    return path.with_name(f".{mark}.{secrets.token_hex(8)}.partial")


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write all of it: a full disk may take a part without complaint."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
