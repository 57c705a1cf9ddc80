"""The API keys in Redis: made, listed, changed, deleted, and found again when one is used."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from redis.asyncio import Redis

from validator_svc.access.api_key import ApiKey, digest_of, new_secret
from validator_svc.access.key_fields import checked
from validator_svc.access.redis_keys import KEYS, USED
from validator_svc.moments import now_ms

# ARGV: id, now (ms). A key that is deleted while it is used leaves nothing behind.
NOTE_USE = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) end
"""
# ARGV: id, the fields as they were read, and as they are to be. Whoever comes between is not overwritten.
CHANGE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


class Listed(NamedTuple):
    """A key with when it was last used, to the minute."""

    key: ApiKey
    last_used_ms: int | None


class KeyStore:
    """All keys. All methods raise redis.exceptions.RedisError while the store is away."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._note_use = redis.register_script(NOTE_USE)
        self._change = redis.register_script(CHANGE)

    async def create(self, fields: Mapping[str, object]) -> tuple[ApiKey, str]:
        """A new key, and the secret, which is kept nowhere. Raises FieldError; `fields` has the name."""
        key_id, secret = new_secret()
        values: dict[str, Any] = {"enabled": True} | checked(fields)
        key = ApiKey(id=key_id, sha256=digest_of(secret), created_ms=now_ms(), **values)
        await self.redis.hset(KEYS, key.id, key.to_json())
        return key, secret

    async def find(self, key_id: str) -> ApiKey | None:
        """The key of an id."""
        kept: Any = await self.redis.hget(KEYS, key_id)
        return None if kept is None else ApiKey.from_json(kept)

    async def listed(self) -> list[Listed]:
        """All keys, the oldest first."""
        kept: Any = await self.redis.hgetall(KEYS)
        used: Any = await self.redis.hgetall(USED)
        keys = sorted(map(ApiKey.from_json, kept.values()), key=lambda key: (key.created_ms, key.id))
        return [Listed(key, number(used.get(key.id.encode()))) for key in keys]

    async def show(self, key_id: str) -> Listed | None:
        """One key, with when it was last used."""
        key = await self.find(key_id)
        used: Any = await self.redis.hget(USED, key_id)
        return None if key is None else Listed(key, number(used))

    async def change(self, key_id: str, fields: Mapping[str, object]) -> bool:
        """Change some fields; whether there is such a key. Raises FieldError."""
        values = checked(fields)
        while True:
            kept: Any = await self.redis.hget(KEYS, key_id)
            if kept is None:
                return False
            changed = ApiKey.from_json(kept)._replace(**values)
            if await self._change(keys=[KEYS], args=[key_id, kept, changed.to_json()]):
                return True

    async def delete(self, key_id: str) -> bool:
        """Delete a key for good; whether there was one."""
        gone = await self.redis.hdel(KEYS, key_id)
        await self.redis.hdel(USED, key_id)
        return bool(gone)

    async def note_use(self, key_id: str, at_ms: int) -> None:
        """Note when a key was used."""
        await self._note_use(keys=[KEYS, USED], args=[key_id, at_ms])


def number(value: bytes | None) -> int | None:
    """What Redis has of a number."""
    return None if value is None else int(value)
