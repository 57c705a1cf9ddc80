"""Every Redis key of drop folders, built in one place.

| key                        | type   | holds                                                | expires     |
|----------------------------|--------|------------------------------------------------------|-------------|
| `vs:drop:FOLDER:claim:X`   | string | who works a file, or takes a content in (a token)    | 15 s        |
| `vs:drop:FOLDER:file:X`    | string | a `records.Record` of a file in the inbox (JSON)     | 8 days      |
| `vs:drop:FOLDER:content:X` | string | the id of the batch that answers a content           | 7 days      |
| `vs:drop:FOLDER:begun:X`   | string | how often a content was begun to be taken in, and no | 7 days      |
|                            |        | process said what came of it                         |             |

A claim is renewed while it is held. FOLDER is the id that the folder keeps in itself; X is a digest: of
a file's name, or of a content with what was asked of it. Days are those of the setting for retention
(and one more), from when the file was last seen at work.
"""

import hashlib
import os

from validator_svc.dropbox.names import short_name


def claim(folder_id: str, digest: str) -> str:
    """Who works on what."""
    return f"vs:drop:{folder_id}:claim:{digest}"


def file(folder_id: str, digest: str) -> str:
    """How far a file is."""
    return f"vs:drop:{folder_id}:file:{digest}"


def content(folder_id: str, digest: str) -> str:
    """The batch of a content."""
    return f"vs:drop:{folder_id}:content:{digest}"


def begun(folder_id: str, digest: str) -> str:
    """How often a content was begun to be taken in without an end."""
    return f"vs:drop:{folder_id}:begun:{digest}"


def digest_of(name: str) -> str:
    """What stands for a file, 32 hex digits: made from the name that its answers have."""
    return hashlib.sha256(os.fsencode(short_name(name))).hexdigest()[:32]
