"""Leases: what one process at a time does, and another soon after that one was killed."""

import secrets

from redis.asyncio import Redis

# KEYS: the lease. ARGV: token, life (ms). Whoever holds it keeps it, or takes it when it is free.
TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Leases:
    """The leases of one process; each lasts `life_ms` unless it is taken again before.

    All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, redis: Redis, life_ms: int) -> None:
        self.life_ms = life_ms
        self._token = secrets.token_hex(8)
        self._take = redis.register_script(TAKE)
        self._keep = redis.register_script(KEEP)
        self._give_back = redis.register_script(GIVE_BACK)

    async def take(self, key: str) -> bool:
        """Take a lease, or keep one that is held; returns whether it is ours now."""
        return bool(await self._take(keys=[key], args=[self._token, self.life_ms]))

    async def keep(self, key: str) -> bool:
        """Keep a lease that is held; returns whether it still was ours. One that has run out is not."""
        return bool(await self._keep(keys=[key], args=[self._token, self.life_ms]))

    async def give_back(self, key: str) -> None:
        """Let another process take it at once."""
        await self._give_back(keys=[key], args=[self._token])
