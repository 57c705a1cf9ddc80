"""Objects of batches that Redis knows nothing of (it was flushed, or lost what it held): erased in the end.

They are left for as long as ended batches are kept, and a day, from when the last of them was written: within
that time a backup of Redis may come back.
"""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta

import structlog

from validator_svc.batches.segments import Segments
from validator_svc.batches.state import Batches
from validator_svc.moments import DAY_MS

log = structlog.get_logger()

EVERY_S = 60 * 60.0
# What is no id was made by somebody else.
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AT_ONCE = 1_000


class Sweep:
    """Looks for objects without a batch now and then."""

    def __init__(self, batches: Batches, segments: Segments) -> None:
        self.batches = batches
        self.segments = segments
        self._life = timedelta(milliseconds=batches.retention_ms + DAY_MS)
        self._next_s = float("-inf")

    async def sweep_in_time(self) -> None:
        """Sweep, unless that was done within the last hour.

        Raises StorageError, redis.exceptions.RedisError.
        """
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + EVERY_S
        ids = [each for each in await asyncio.to_thread(self.segments.stored) if ID.fullmatch(each)]
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            for batch_id, batch in zip(part, await self.batches.load_many(part), strict=True):
                if batch is None:
                    await self._sweep(batch_id)

    async def _sweep(self, batch_id: str) -> None:
        written = await asyncio.to_thread(self.segments.last_written, batch_id)
        if written is None or datetime.now(UTC) - written < self._life:
            return
        log.warning("objects_without_batch_erased", batch=batch_id, last_written=written.isoformat())
        await asyncio.to_thread(self.segments.erase, batch_id)
