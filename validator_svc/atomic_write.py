"""A file that appears under its name only when it is complete."""

import contextlib
import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write beside `path`, and rename when the block ends well; leave nothing when it does not.

    What is not a regular file (a named pipe, /dev/stdout) is written directly, and a symbolic link
    stays one. A file that is replaced hands its permissions on, a new one has those that the umask leaves.
    Raises OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            if target.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def try_out(path: Path) -> None:
    """Raise OSError when a file could not be written under `path`, while there is still time to say so."""
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not target.exists() or target.is_file():
        with tempfile.TemporaryFile(dir=target.parent):
            pass
