"""Which files of an inbox have stopped changing."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from validator_svc.dropbox.disk import Look, look_at, look_of
from validator_svc.dropbox.folder import Folder
from validator_svc.dropbox.left_alone import is_left_alone
from validator_svc.dropbox.names import SIDECAR


class Seen(NamedTuple):
    """A file as it was seen, with all that says how it is to be worked."""

    name: str
    look: Look | None
    """None: it is gone."""
    sidecar: Look | None
    defaults: Look | None


def scan(folder: Folder) -> list[Seen]:
    """What is in the inbox now, the oldest first. Blocks. Raises OSError."""
    looks: dict[str, Look] = {}
    with os.scandir(folder.inbox) as entries:
        for entry in entries:
            if not is_left_alone(entry.name):
                try:
                    looks[entry.name] = look_of(entry.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue
    defaults = look_at(folder.defaults)
    return [
        Seen(name, look, looks.get(name + SIDECAR), defaults)
        for name, look in sorted(looks.items(), key=lambda item: item[1].mtime_ns)
        if not name.endswith(SIDECAR)
    ]


def is_as_seen(folder: Folder, seen: Seen) -> bool:
    """Whether a file is still as it was; another process may have finished with it. Blocks."""
    path = folder.inbox / seen.name
    looks = (look_at(path), look_at(path.with_name(path.name + SIDECAR)), look_at(folder.defaults))
    return looks == seen[1:]


class Sightings:
    """Remembers since when each file has looked as it does.

    By our clock alone: times that a share gives to files come from another one, and copying tools set
    them as they like.
    """

    def __init__(self, settle_s: float) -> None:
        self.settle_s = settle_s
        self._since_s: dict[Seen, float] = {}

    def settled(self, present: Sequence[Seen], now_s: float) -> list[Seen]:
        """Those of the files present that have not changed for the time that it takes."""
        self._since_s = {seen: self._since_s.get(seen, now_s) for seen in present}
        return [seen for seen, since_s in self._since_s.items() if now_s - since_s >= self.settle_s]
