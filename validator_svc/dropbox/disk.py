"""Reading what people put into a folder, without being led astray or held up by it."""

import asyncio
import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, TypeVar

THREADS = 8

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)

Result = TypeVar("Result")


class NotAFileError(Exception):
    """Something that is no regular file; the message says what it is."""


class Look(NamedTuple):
    """What tells whether something in a folder has changed."""

    inode: int
    size_bytes: int
    mtime_ns: int
    mode: int

    @property
    def text(self) -> str:
        """As one word."""
        return ":".join(map(str, self))


class Disk:
    """Does what blocks on the folder's file system.

    In threads of its own, as a share that hangs must not hold up the rest of a service.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "drop")

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done in one of the threads; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def __enter__(self) -> "Disk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def look_of(status: os.stat_result) -> Look:
    """The part of a status that counts."""
    return Look(status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)


def look_at(path: Path) -> Look | None:
    """What is there now, a link being itself; None when nothing is. Blocks."""
    try:
        return look_of(path.lstat())
    except FileNotFoundError:
        return None
    except OSError as error:
        # That of a sidecar whose file's name is as long as can be.
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def check_kind(mode: int) -> None:
    """Raise NotAFileError for what is no regular file."""
    if not stat.S_ISREG(mode):
        raise NotAFileError(next((kind for is_kind, kind in KINDS if is_kind(mode)), "a device"))


def opened(path: Path) -> BinaryIO:
    """Open a regular file to be read. Blocks, but never for a pipe that nobody writes to.

    No link is followed: it could lead to a file that whoever made the link may not read. Raises
    NotAFileError, OSError.
    """
    check_kind(path.lstat().st_mode)
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        check_kind(os.fstat(file).st_mode)
    except BaseException:
        os.close(file)
        raise
    return os.fdopen(file, "rb", buffering=0)


def is_being_written(path: Path) -> bool:
    """Whether a process of this machine has the file open for writing, as far as that can be told. Blocks.

    A copy that stalls looks finished. The kernel gives no read lease on a file that somebody writes
    to; on network shares, and on others' files without the capability for it, it gives none at all.
    A writer that comes while we hold it is let in with SIGIO to us, which must be ignored.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        with opened(path) as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except (OSError, NotAFileError):
        return False
    return False


def sync_folder(folder: Path) -> None:
    """Have renames in a folder outlast a power cut, where its file system can. Blocks."""
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
