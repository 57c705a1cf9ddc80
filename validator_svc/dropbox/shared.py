"""What all file jobs of one folder share."""

import asyncio
from typing import NamedTuple

from validator_svc.batches.batching import Batching
from validator_svc.dropbox.claims import FileClaims
from validator_svc.dropbox.disk import Disk
from validator_svc.dropbox.folder import Folder
from validator_svc.dropbox.intakes import Intakes
from validator_svc.dropbox.records import FileRecord, Records


class Shared(NamedTuple):
    """One of each for the life of a watcher."""

    folder: Folder
    disk: Disk
    batching: Batching
    records: Records
    claims: FileClaims
    intakes: Intakes
    places: asyncio.Semaphore
    """Files that are read at the same time."""

    async def withdraw(self, record: FileRecord) -> None:
        """Nobody waits for the batch of this record any more. Raises redis.exceptions.RedisError."""
        if record.batch_id and not record.is_reuse:
            await self.batching.batches.cancel(record.batch_id)
