"""What Redis knows of the files in an inbox: enough for another process to go on with any of them."""

import hashlib
import json
from pathlib import PurePath
from typing import Any, NamedTuple

from redis.asyncio import Redis

from validator_svc.batches.spec import Order
from validator_svc.dropbox import keys
from validator_svc.dropbox.stability import Seen
from validator_svc.formats.layout import Hints
from validator_svc.formats.text_formats import FORMAT_BY_ENDING
from validator_svc.moments import DAY_MS


class FileRecord(NamedTuple):
    """How far a file is."""

    batch_id: str
    """Of the batch that works it, or answered its content before; empty when there is none."""
    content: str
    """See `content_of`."""
    sha256: str
    """Of the file, in hex."""
    is_reuse: bool
    """Whether the batch is another file's."""
    begun_ms: int
    answered: str = ""
    """How the file looked (`Look.text`) whose answer is complete: all that is left is to move it."""
    target: str = ""
    """Where it is to be moved, below the drop folder."""

    def is_answered(self, seen: Seen) -> bool:
        """Whether the answer to just this file is complete."""
        return seen.look is not None and self.answered == seen.look.text


def content_of(sha256: str, order: Order, hints: Hints) -> str:
    """What stands for a content and what is asked of it, in hex: the same for files answered alike.

    Of a file's name its ending counts, which tells the format.
    """
    asked = order._replace(name="", not_before_ms=0)
    known = hints._replace(name=FORMAT_BY_ENDING.get(PurePath(hints.name).suffix.lower(), ""))
    return hashlib.sha256(json.dumps([sha256, asked, known]).encode()).hexdigest()


class Records:
    """The records of one folder. All methods raise redis.exceptions.RedisError while the store is away."""

    def __init__(self, redis: Redis, folder_id: str, retention_ms: int) -> None:
        self.redis = redis
        self.folder_id = folder_id
        self.retention_ms = retention_ms

    async def of(self, file: str) -> FileRecord | None:
        """The record of a file; None when it has none. `file` is a digest, as in all methods."""
        value = await self.redis.get(keys.file(self.folder_id, file))
        return None if value is None else FileRecord(**json.loads(value))

    async def keep(self, file: str, record: FileRecord) -> None:
        """Note how far a file is."""
        value = json.dumps(record._asdict())
        await self.redis.set(keys.file(self.folder_id, file), value, px=self.retention_ms + DAY_MS)

    async def forget(self, file: str) -> None:
        """The file has left the inbox."""
        await self.redis.delete(keys.file(self.folder_id, file))

    async def batch_of(self, content: str) -> str:
        """The id of the batch that works a content, or answered it; empty when there is none."""
        value: Any = await self.redis.get(keys.content(self.folder_id, content))
        batch_id: str = (value or b"").decode()
        return batch_id

    async def keep_content(self, content: str, batch_id: str) -> None:
        """Note which batch answers a content."""
        await self.redis.set(keys.content(self.folder_id, content), batch_id, px=self.retention_ms)
