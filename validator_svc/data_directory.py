"""Where the service keeps what is its own: the embedded store, segments of batches, the compiled plan.

What stands in it is trusted: the embedded store runs from it, machine code reads the plan. So it must be one
that nobody else can put anything into.
"""

import errno
import os
import stat
from pathlib import Path


def default_data_dir() -> Path:
    """Where the XDG base directory specification keeps an application's data."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "validator-svc"


def chosen_data_dir() -> Path:
    """The directory of the settings, for those who must not wait for all settings to be loaded."""
    return Path(os.environ.get("VALIDATOR_DATA_DIR") or default_data_dir())


def open_directory(path: Path) -> None:
    """Make a directory if it is not there, for this user alone; check one that is.

    Raises OSError: it belongs to somebody else (but for root), or everybody may write into it.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    refuse_foreign(path, path.stat())


def open_own_directory(path: Path) -> None:
    """The same for a directory within such a one: no link, and nobody else may write into it."""
    path.mkdir(exist_ok=True, mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, f"{path}: expected a directory, and no link to one")
    if found.st_uid != os.geteuid():
        refuse_foreign(path, found)
    elif found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, f"others may write into {path}; type: chmod 700 {path}")


def refuse_foreign(path: Path, found: os.stat_result) -> None:
    """Raise PermissionError for a directory whose content others choose."""
    if found.st_uid not in (os.geteuid(), 0):
        raise PermissionError(
            errno.EPERM, f"{path} belongs to another user ({found.st_uid}); choose a directory of your own"
        )
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(errno.EPERM, f"everybody may write into {path}; type: chmod o-w {path}")


def is_own_file(path: Path) -> bool:
    """Whether this is a plain file, no link, that nobody else (but root) has written. Raises OSError."""
    found = path.lstat()
    is_ours = found.st_uid in (os.geteuid(), 0)
    return stat.S_ISREG(found.st_mode) and is_ours and not found.st_mode & 0o022


def open_own_file(path: Path) -> int:
    """A descriptor to read and write a small file of this user's alone, made if it is not there.

    Raises OSError for a link, or for anything else that somebody may have put there.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, f"{path} is a link; remove it") from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
        os.close(descriptor)
        raise PermissionError(errno.EPERM, f"{path} is no plain file of this user's; remove it")
    return descriptor
