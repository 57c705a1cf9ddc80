"""A token bucket for each key, shared by all processes: one call to Redis takes several tokens at a time.

A request takes a token. Tokens come at the key's rate, and so many are kept as come in a quarter of a second:
requests may come in small bursts, and the rate is passed by no more. A process takes tokens ahead, for a
fiftieth of a second at most: what two of them may hold unused is next to nothing of the rate.
"""

import asyncio
import math
import time
from collections import OrderedDict
from functools import lru_cache
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from validator_svc.access.api_key import ApiKey
from validator_svc.access.redis_keys import rate

BURST_S = 0.25
AHEAD_S = 0.02
MOST_REMEMBERED = 10_000

# ARGV: tokens a second, tokens kept at most, tokens wanted. By the store's clock, as processes' may differ.
# Returns how many are given, and in how many milliseconds there is one when none is.
TAKE = """
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + now[2] / 1000
local per_ms, most, wanted = ARGV[1] / 1000, tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at_ms')
local tokens = most
if kept[1] then tokens = math.min(most, kept[1] + math.max(0, now_ms - kept[2]) * per_ms) end
local given = math.min(math.floor(tokens), wanted)
tokens = tokens - given
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at_ms', string.format('%.3f', now_ms))
redis.call('PEXPIRE', KEYS[1], math.ceil(most / per_ms) + 1000)
return {given, given > 0 and 0 or math.ceil((1 - tokens) / per_ms)}
"""


class Passed(NamedTuple):
    """What became of a request."""

    wait_s: float
    """0: it may go on; else when there is a token again."""
    left: int
    """Tokens that this process has taken ahead."""


class Bucket:
    """What a process knows of a key's bucket."""

    __slots__ = ("asking", "empty_until_s", "enough", "refill_s", "refilling", "stale_s", "tokens")

    def __init__(self) -> None:
        self.tokens = 0
        self.enough = 0
        """With no more tokens it is time to take some."""
        self.refill_s = self.stale_s = 0.0
        self.empty_until_s = 0.0
        self.asking = asyncio.Lock()
        self.refilling: asyncio.Task[None] | None = None


class RateLimit:
    """The buckets of all keys; one for a process."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(TAKE)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take_ahead(self, key: ApiKey) -> int | None:
        """Take a token that this process has; returns how many are left, None when the store has to be asked.

        Those of a busy key are refilled meanwhile, so that hardly any of its requests waits for the store.
        """
        bucket = self._buckets.get(key.id)
        if bucket is None:
            return None
        now_s = time.monotonic()
        if bucket.tokens <= bucket.enough or now_s >= bucket.refill_s:
            if not bucket.tokens or now_s >= bucket.stale_s:
                return None
            if bucket.refilling is None and now_s >= bucket.empty_until_s:
                bucket.refilling = asyncio.create_task(self._refill(bucket, key))
        bucket.tokens -= 1
        return bucket.tokens

    def give_back(self, key: ApiKey) -> None:
        """Give back a token that was taken ahead."""
        self._bucket(key.id).tokens += 1

    async def take(self, key: ApiKey, per_s: float) -> Passed:
        """Take a token, if there is one. Raises redis.exceptions.RedisError."""
        bucket = self._bucket(key.id)
        async with bucket.asking:
            # Somebody else may have asked meanwhile.
            if (left := self.take_ahead(key)) is not None:
                return Passed(0, left)
            now_s = time.monotonic()
            if now_s < bucket.empty_until_s:
                return Passed(bucket.empty_until_s - now_s, 0)
            # What was taken ahead and not used for long must not add to what has come since.
            bucket.tokens = 0
            wait_s = await self._ask(bucket, key, per_s)
            if not wait_s:
                bucket.tokens -= 1
            return Passed(wait_s, bucket.tokens)

    async def _refill(self, bucket: Bucket, key: ApiKey) -> None:
        """Have as many tokens as may be taken ahead; without the store those that are there are used up."""
        try:
            async with asyncio.timeout(BURST_S), bucket.asking:
                if key.requests_per_second is not None:
                    await self._ask(bucket, key, key.requests_per_second)
        except (RedisError, TimeoutError):
            # The next request that waits for the store is told.
            pass
        finally:
            bucket.refilling = None

    async def _ask(self, bucket: Bucket, key: ApiKey, per_s: float) -> float:
        """Ask the store for what is missing; returns in how many seconds there is some if there is none now.

        Raises redis.exceptions.RedisError.
        """
        now_s = time.monotonic()
        most, ahead = max(1, math.floor(per_s * BURST_S)), max(1, math.floor(per_s * AHEAD_S))
        wanted = max(1, ahead - bucket.tokens)
        given, wait_ms = await self._take(keys=[rate(key.id)], args=[per_s, most, wanted])
        bucket.tokens += given
        bucket.enough = ahead // 2
        bucket.refill_s, bucket.stale_s = now_s + BURST_S / 2, now_s + BURST_S
        wait_s: float = wait_ms / 1_000
        bucket.empty_until_s = now_s + wait_s
        return wait_s

    def _bucket(self, key_id: str) -> Bucket:
        bucket = self._buckets.get(key_id)
        if bucket is None:
            bucket = self._buckets[key_id] = Bucket()
            if len(self._buckets) > MOST_REMEMBERED:
                self._buckets.popitem(last=False)
        return bucket


@lru_cache(MOST_REMEMBERED)
def policy(per_s: float) -> str:
    """The limit as the field `RateLimit-Policy` says it: so many requests in so many whole seconds."""
    window_s = 1 if per_s >= 1 else math.ceil(1 / per_s)
    return f'"requests";q={max(1, math.floor(per_s * window_s))};w={window_s}'


def state(left: int, wait_s: float = 0) -> str:
    """What is left, as the field `RateLimit` says it."""
    return f'"requests";r={left};t={math.ceil(wait_s) if wait_s else 1}'
