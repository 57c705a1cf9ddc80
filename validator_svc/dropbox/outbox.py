"""Files that appear whole or not at all: written under a hidden name in the same folder, then renamed."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from validator_svc.dropbox.disk import Disk, sync_folder


class Outgoing:
    """Files that appear together, once all of them are written; what has not appeared goes with the block.

    `mark` is for `remove_partials`.
    """

    def __init__(self, disk: Disk, mark: str) -> None:
        self._disk = disk
        self._mark = mark
        self._written: dict[Path, Path] = {}

    async def __aenter__(self) -> "Outgoing":
        return self

    async def write(self, path: Path, pieces: AsyncIterator[bytes]) -> None:
        """Write a file from its pieces; it is safe on the disk when this returns, and hidden still.

        Raises OSError, and what `pieces` raises.
        """
        partial = partial_of(path, self._mark)
        self._written[path] = partial
        file = await self._disk.run(lambda: partial.open("xb", buffering=0))
        try:
            async with aclosing(pieces) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    await self._disk.run(lambda: write_all(file, piece))  # noqa: B023
            await self._disk.run(lambda: os.fsync(file.fileno()))
        finally:
            await self._disk.run(file.close)

    async def appear(self) -> None:
        """Show the files, in the order in which they were written. Raises OSError."""
        for path, partial in list(self._written.items()):
            await self._disk.run(lambda: partial.replace(path))  # noqa: B023
            del self._written[path]
            await self._disk.run(lambda: sync_folder(path.parent))  # noqa: B023

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for partial in self._written.values():
            await self._disk.run(lambda: partial.unlink(missing_ok=True))  # noqa: B023


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
