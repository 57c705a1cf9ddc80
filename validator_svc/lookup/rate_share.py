"""Replicas: how many processes share one upstream account, so that together they keep to its rate."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from redis.asyncio import Redis

from validator_svc.lookup import keys
from validator_svc.lookup.store import STORE_ERRORS
from validator_svc.upstreams.rate_limit import RateLimit

SIGN_OF_LIFE_S = 2.0
GONE_S = 10.0
KEY_TTL_S = 60


async def share_rates(redis_client: Redis, token: str, rate_limits: Sequence[RateLimit]) -> None:
    """Keep each rate limit at this replica's part of its rate until cancelled.

    A replica that joins is seen by the others within two seconds; one that ended in order is
    forgotten at once, one that was killed after ten. While the store is away the last share holds:
    nothing is paid for then anyhow.
    """
    try:
        while True:
            with contextlib.suppress(*STORE_ERRORS):
                replicas = await count_replicas(redis_client, token)
                await asyncio.gather(*(each.share(replicas) for each in rate_limits))
            await asyncio.sleep(SIGN_OF_LIFE_S)
    finally:
        with contextlib.suppress(*STORE_ERRORS):
            await redis_client.zrem(keys.REPLICAS, token)


async def count_replicas(redis_client: Redis, token: str) -> int:
    """Give a sign of life and count the living."""
    now_s = time.time()
    async with redis_client.pipeline(transaction=False) as pipe:
        pipe.zadd(keys.REPLICAS, {token: now_s})
        pipe.zremrangebyscore(keys.REPLICAS, 0, now_s - GONE_S)
        pipe.zcard(keys.REPLICAS)
        pipe.expire(keys.REPLICAS, KEY_TTL_S)
        *_, living, _ = await pipe.execute()
    return max(1, int(living))
