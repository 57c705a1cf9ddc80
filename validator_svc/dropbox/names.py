"""Names in a drop folder: what the answers to a file are called."""

import hashlib
import os
from pathlib import Path, PurePath

SIDECAR = ".toml"
PROGRESS = ".progress.json"
REPORT = ".report.json"
PAGE = ".report.html"
ERROR = ".error.txt"
# An ending follows, of the format.
RESULTS = ".results"

# File systems take 255 bytes; what we append, a number for a name that is taken among it, must fit too.
MAX_BYTES = 230
HASH_DIGITS = 8


def short_name(name: str) -> str:
    """The name, cut where endings would not fit: then `~` and 8 hex digits of its SHA-256 follow."""
    encoded = os.fsencode(name)
    if len(encoded) <= MAX_BYTES:
        return name
    start = encoded[: MAX_BYTES - HASH_DIGITS - 1].decode("utf-8", "ignore")
    return f"{start}~{hashlib.sha256(encoded).hexdigest()[:HASH_DIGITS]}"


def free_name(folder: Path, name: str) -> str:
    """A name that nothing in the folder has: `a.csv`, or else `a (2).csv`, `a (3).csv`, ... Blocks."""
    path, number, candidate = PurePath(short_name(name)), 1, name
    while os.path.lexists(folder / candidate):
        number += 1
        candidate = f"{path.stem} ({number}){path.suffix}"
    return candidate


def printable(name: str) -> str:
    """The name as text for people and logs: well-formed, without control characters."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
