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
                replicas, rank = await living(redis_client, token)
                for each in rate_limits:
                    each.share(replicas, rank)
            await asyncio.sleep(SIGN_OF_LIFE_S)
    finally:
        with contextlib.suppress(*STORE_ERRORS):
            await redis_client.zrem(keys.REPLICAS, token)


async def living(redis_client: Redis, token: str) -> tuple[int, int]:
    """Give a sign of life; returns how many live, and this replica's place among them, from 0."""
    now_s = time.time()
    async with redis_client.pipeline(transaction=False) as pipe:
        pipe.zadd(keys.REPLICAS, {token: now_s})
        pipe.zremrangebyscore(keys.REPLICAS, 0, now_s - GONE_S)
        pipe.zrange(keys.REPLICAS, 0, -1)
        pipe.expire(keys.REPLICAS, KEY_TTL_S)
        *_, tokens, _ = await pipe.execute()
    return max(1, len(tokens)), sum(each < token.encode() for each in tokens)
