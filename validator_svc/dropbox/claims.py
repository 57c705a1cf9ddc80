"""Claims: of several processes that watch one folder, one works a file, and another when that one dies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from redis.asyncio import Redis

from validator_svc.batches.leases import Leases
from validator_svc.dropbox.errors import LostClaimError
from validator_svc.lookup.store import STORE_ERRORS

log = structlog.get_logger()

LIFE_MS = 15_000
RENEW_S = 4.0


class FileClaims:
    """The claims of one process. A task that loses its claim, as its process stood still, is cancelled."""

    def __init__(self, redis: Redis) -> None:
        self._leases = Leases(redis, LIFE_MS)
        self._asked_for: set[str] = set()
        self._held: dict[str, asyncio.Task[None]] = {}

    @contextlib.asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[bool]:
        """Hold a claim for as long as the block; yields whether it was to be had.

        Raises redis.exceptions.RedisError.
        """
        task = asyncio.current_task()
        assert task is not None
        # Two tasks of one process are one to the store.
        if key in self._asked_for or not await self._taken(key):
            yield False
            return
        self._held[key] = task
        try:
            yield True
        finally:
            del self._held[key]
            with contextlib.suppress(*STORE_ERRORS):
                await self._leases.give_back(key)
            self._asked_for.discard(key)

    async def _taken(self, key: str) -> bool:
        self._asked_for.add(key)
        is_ours = False
        try:
            is_ours = await self._leases.take(key)
        finally:
            if not is_ours:
                self._asked_for.discard(key)
        return is_ours

    async def check(self, key: str) -> None:
        """Raise LostClaimError when a claim that we held has been lost, or redis.exceptions.RedisError."""
        if not await self._leases.keep(key):
            raise LostClaimError

    async def renew_for_ever(self) -> None:
        """Renew what is held, until cancelled; the store being away for a while is no matter."""
        while True:
            await asyncio.sleep(RENEW_S)
            for key, task in list(self._held.items()):
                with contextlib.suppress(*STORE_ERRORS):
                    if not await self._leases.keep(key) and self._held.get(key) is task:
                        log.warning("claim_lost", key=key)
                        task.cancel()
