"""What happens in folders, in the order in which it happens, as the kernel tells it."""

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

# linux/inotify.h: moved from, moved to, created, deleted; not to block, closed in other programs.
WHAT = {0x40: "gone", 0x80: "there", 0x100: "there", 0x200: "gone"}
FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
HEAD = struct.Struct("iIII")


class Event(NamedTuple):
    """Something that appeared or went."""

    name: str
    what: str
    """`there` or `gone`."""


class Events:
    """What has happened since; names that start with a dot are left out, as a shell's `*` does."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._events: list[Event] = []

    def of(self, start: str) -> list[Event]:
        """Those of names that start so."""
        try:
            while data := os.read(self._file, 1 << 16):
                self._events += parsed(data)
        except BlockingIOError:
            pass
        return [event for event in self._events if event.name.startswith(start)]


def parsed(data: bytes) -> Iterator[Event]:
    """Events as the kernel writes them: a head of fixed size, then the name, filled up with zeros."""
    while data:
        _, mask, _, size = HEAD.unpack_from(data)
        name = os.fsdecode(data[HEAD.size : HEAD.size + size].rstrip(b"\0"))
        data = data[HEAD.size + size :]
        what = WHAT.get(mask & 0x3C0)
        if what and not name.startswith("."):
            yield Event(name, what)


@contextmanager
def events_in(*folders: Path) -> Iterator[Events]:
    """The events of folders, in one order for all of them."""
    libc = ctypes.CDLL(None, use_errno=True)
    file = libc.inotify_init1(FLAGS)
    assert file >= 0
    try:
        for folder in folders:
            assert libc.inotify_add_watch(file, os.fsencode(folder), sum(WHAT)) >= 0
        yield Events(file)
    finally:
        os.close(file)
