"""A drop folder on disk: its four subfolders, and an id of its own.

Several machines may have one share under different paths. What tells them that it is the same folder
is the id, written into it once. Everything here blocks.
"""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

from validator_svc.dropbox.disk import NotAFileError, opened
from validator_svc.dropbox.left_alone import is_left_alone

ID_FILE = ".drop-id"
DEFAULTS = "dropbox.toml"
ID = re.compile(r"[0-9a-f]{32}")
ID_BYTES = 64


class FolderAwayError(OSError):
    """The folder is not there now, or another one is in its place: a share that is not mounted."""


class Folder(NamedTuple):
    """An open drop folder."""

    root: Path
    id: str
    """32 hex digits."""

    @property
    def inbox(self) -> Path:
        """Where files are dropped."""
        return self.root / "inbox"

    @property
    def outbox(self) -> Path:
        """Where answers appear."""
        return self.root / "outbox"

    @property
    def done(self) -> Path:
        """Where files go that were answered."""
        return self.root / "done"

    @property
    def failed(self) -> Path:
        """Where files go that cannot be."""
        return self.root / "failed"

    @property
    def defaults(self) -> Path:
        """The folder's own options."""
        return self.root / DEFAULTS

    def check(self) -> None:
        """Make subfolders that somebody removed. Raises FolderAwayError, or OSError."""
        if read_id(self.root) != self.id:
            raise FolderAwayError("the drop folder is away, or another one is in its place")
        make_subfolders(self.root)


def open_folder(root: Path) -> Folder:
    """Open a drop folder; make what is missing. Raises OSError."""
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    make_subfolders(root)
    if len({(root / name).stat().st_dev for name in ("inbox", "done", "failed")}) > 1:
        raise OSError(f"{root}: expected inbox, done and failed on one file system: files are renamed")
    if not read_id(root):
        write_id(root)
    return Folder(root, read_id(root))


def make_subfolders(root: Path) -> None:
    """See to it that the subfolders are there."""
    for name in ("inbox", "outbox", "done", "failed"):
        (root / name).mkdir(exist_ok=True)


def misplaced(root: Path) -> list[str]:
    """Names of files that lie beside `inbox` instead of in it. Blocks. Raises OSError."""
    with os.scandir(root) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_file(follow_symlinks=False)
            and entry.name != DEFAULTS
            and not is_left_alone(entry.name)
        )


def read_id(root: Path) -> str:
    """The id of the folder; empty when it has none. Raises OSError."""
    path = root / ID_FILE
    try:
        with opened(path) as file:
            text = (file.read(ID_BYTES) or b"").decode("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    except NotAFileError as error:
        raise OSError(f"{path}: this is {error}; expected a file, remove it") from None
    return text if ID.fullmatch(text) else ""


def write_id(root: Path) -> None:
    """Give the folder an id; of several processes that do so at the same time the first one wins."""
    partial = root / f"{ID_FILE}.{secrets.token_hex(8)}.partial"
    partial.write_text(secrets.token_hex(16) + "\n", "ascii")
    try:
        with contextlib.suppress(FileExistsError):
            os.link(partial, root / ID_FILE)
    except OSError:
        # A file system without hard links: whoever comes second by a hair takes the first one's place.
        if not read_id(root):
            partial.replace(root / ID_FILE)
    finally:
        partial.unlink(missing_ok=True)
