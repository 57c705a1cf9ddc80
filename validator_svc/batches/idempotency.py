"""Idempotency-Keys: whoever sends a list again under the same key gets the batch that it became.

Who comes first under a key holds it while the list is stored, and notes the batch before it is accepted:
killed in between, it leaves a note of a batch that there is not, or a claim that runs out, and the next one
goes on.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from redis.asyncio import Redis

from validator_svc.batches import keys
from validator_svc.batches.leases import Leases
from validator_svc.lookup.cancel import end
from validator_svc.lookup.store import STORE_ERRORS

LIFE_MS = 30_000
RENEW_S = 5.0


class Noted(NamedTuple):
    """What a key stands for."""

    fingerprint: str
    """Of the list, and of all that was asked of it."""
    batch_id: str


class IdempotencyKey:
    """One key, as one request uses it. All methods raise redis.exceptions.RedisError."""

    def __init__(self, redis: Redis, key: str, retention_ms: int) -> None:
        self.redis = redis
        self.retention_ms = retention_ms
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        self._name, self._claim = keys.idempotency(digest), keys.idempotency_claim(digest)
        self._leases = Leases(redis, LIFE_MS)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        """Hold the key for as long as the block, unless another request does; yields whether it is held."""
        if not await self._leases.take(self._claim):
            yield False
            return
        renewing = asyncio.create_task(self._renew_for_ever())
        try:
            yield True
        finally:
            await end([renewing])
            with contextlib.suppress(*STORE_ERRORS):
                await self._leases.give_back(self._claim)

    async def is_held(self) -> bool:
        """Whether the key is held still: a process that stood still may have lost it to another request."""
        return await self._leases.keep(self._claim)

    async def is_free(self) -> bool:
        """Whether no request holds the key."""
        return not await self.redis.exists(self._claim)

    async def noted(self) -> Noted | None:
        """What the key stands for; None while that is no batch, or one that was deleted."""
        value: Any = await self.redis.get(self._name)
        fingerprint, _, batch_id = (value or b"").decode().partition(" ")
        if not await self.redis.exists(keys.batch(batch_id)):
            return None
        return Noted(fingerprint, batch_id)

    async def note(self, noted: Noted) -> None:
        """Let the key stand for a batch that is about to be accepted."""
        await self.redis.set(self._name, f"{noted.fingerprint} {noted.batch_id}", px=self.retention_ms)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with contextlib.suppress(*STORE_ERRORS):
                await self._leases.keep(self._claim)
