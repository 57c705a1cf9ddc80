"""Files that end the process which reads them: they are marked before, and given up after so many times.

Marks that stay are those of processes that ended meanwhile, of whatever. A file that has such a mark is read
alone, so that the one that ends processes brings no mark upon the others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis

from validator_svc.dropbox import keys
from validator_svc.dropbox.errors import RejectedError


class Intakes:
    """The contents of one folder that are being taken in, `at_once` at the same time in this process."""

    def __init__(self, redis: Redis, folder_id: str, life_ms: int, most: int, at_once: int) -> None:
        """`most`: processes that may end while they take in one content; marks last `life_ms`."""
        self.redis = redis
        self.folder_id = folder_id
        self.life_ms = life_ms
        self.most = most
        self._at_once = at_once
        self._places = asyncio.Semaphore(at_once)
        self._one_alone = asyncio.Lock()

    @asynccontextmanager
    async def marked(self, content: str) -> AsyncIterator[None]:
        """Mark a content (see `records.content_of`) for as long as the block, which takes it in.

        Raises RejectedError, redis.exceptions.RedisError.
        """
        key = keys.begun(self.folder_id, content)
        async with AsyncExitStack() as stack:
            await self._wait_for_turn(stack, is_alone=bool(await self.redis.exists(key)))
            begun = await self._begun(key)
            try:
                self._check(begun)
                yield
            finally:
                await self.redis.delete(key)

    async def _wait_for_turn(self, stack: AsyncExitStack, is_alone: bool) -> None:
        if not is_alone:
            await stack.enter_async_context(self._places)
            return
        await stack.enter_async_context(self._one_alone)
        for _ in range(self._at_once):
            await stack.enter_async_context(self._places)

    async def _begun(self, key: str) -> int:
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.pexpire(key, self.life_ms)
            begun, _ = await pipe.execute()
        return int(begun)

    def _check(self, begun: int) -> None:
        if begun > self.most:
            raise RejectedError(
                f"{begun - 1} processes ended while they read it, for want of memory perhaps; "
                "drop it once more to try again"
            )
