"""How often the work of a segment went wrong, counted in the batch's hash of faults (see `keys.faults`).

A process that is killed, or runs out of memory, cannot say of what. So a segment is marked while its rows
are computed, one at a time in a process, and the mark goes when that ends, well or not. Marks that stay are
those of processes that ended in the midst of just these rows. Waiting for an upstream is not marked: there
rows harm nobody, and it is where most kills from outside come.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from validator_svc.batches import keys, scripts


class BreaksProcessesError(Exception):
    """As many processes as may have ended while they computed a segment; the message says how many."""


class Faults:
    """The faults of all batches' segments; `most` of one kind are borne.

    All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, redis: Redis, most: int) -> None:
        self.redis = redis
        self.most = most
        self._note = redis.register_script(scripts.NOTE_FAULT)

    async def broke(self, batch_id: str, index: int) -> int:
        """Count that the work of a segment broke; returns how often it did."""
        return await self._noted(batch_id, str(index))

    async def put_back(self, batch_id: str, index: int) -> int:
        """Count that rows of a segment were put back as the upstream failed; returns how often they were."""
        return await self._noted(batch_id, f"{index}:upstream")

    @asynccontextmanager
    async def marked(self, batch_id: str, index: int) -> AsyncIterator[None]:
        """Mark a segment for as long as the block computes it. Raises BreaksProcessesError before."""
        field = f"{index}:begun"
        begun = await self._noted(batch_id, field)
        try:
            if begun > self.most:
                raise BreaksProcessesError(f"{begun - 1}")
            yield
        finally:
            await self.redis.hdel(keys.faults(batch_id), field)

    async def _noted(self, batch_id: str, field: str) -> int:
        noted: int = await self._note(keys=keys.of_batch(batch_id), args=[field])
        return noted
