"""The parts of paid lookups put together, for the life of a process."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
from redis.asyncio import Redis

from validator_svc.config import Settings
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.cancel import end
from validator_svc.lookup.circuit_breaker import CircuitBreaker
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.number_locks import Claims
from validator_svc.lookup.rate_share import share_rate
from validator_svc.lookup.upstream_requests import UpstreamRequests
from validator_svc.upstreams.rate_limit import RateLimit
from validator_svc.upstreams.wavix.client import WavixClient


class UpstreamSettings(NamedTuple):
    """How the upstream is to be asked; times in seconds, counts of numbers, the rate in requests/s."""

    url: str
    key: str
    rate_per_s: float
    concurrency: int
    timeout_s: float
    job_timeout_s: float
    sync_max: int
    probe_s: float
    cache_ttl_analysis_s: int
    cache_ttl_validation_s: int


def upstream_settings(settings: Settings) -> UpstreamSettings:
    """The part of the service's settings that is about the upstream; its key must be set."""
    assert settings.wavix_appid is not None
    return UpstreamSettings(
        url=settings.wavix_url,
        key=settings.wavix_appid.get_secret_value(),
        rate_per_s=settings.wavix_rate,
        concurrency=settings.wavix_concurrency,
        timeout_s=settings.wavix_timeout,
        job_timeout_s=settings.wavix_job_timeout,
        sync_max=settings.wavix_sync_max,
        probe_s=settings.wavix_probe,
        cache_ttl_analysis_s=settings.cache_ttl_analysis,
        cache_ttl_validation_s=settings.cache_ttl_validation,
    )


class Engine(NamedTuple):
    """What answers of an upstream need."""

    cache: Cache
    lookups: Dispatcher
    breaker: CircuitBreaker


@contextlib.asynccontextmanager
async def lookup_engine(settings: UpstreamSettings, redis: Redis) -> AsyncIterator[Engine]:
    """Paid lookups, at work for as long as the block."""
    token = secrets.token_hex(8)
    rate_limit = RateLimit(settings.rate_per_s)
    breaker = CircuitBreaker(settings.probe_s)
    cache = Cache(
        redis, {"analysis": settings.cache_ttl_analysis_s, "validation": settings.cache_ttl_validation_s}
    )
    claims = Claims(redis, token)
    # Polls go beside the requests that started their jobs, so connections are not what bounds them.
    connector = aiohttp.TCPConnector(limit=settings.concurrency * 2)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
        client = WavixClient(session, settings.url, settings.key, settings.timeout_s, rate_limit)
        asking = UpstreamRequests(client, claims, breaker, settings.sync_max, settings.job_timeout_s)
        lookups = Dispatcher(cache, claims, asking, settings.concurrency)
        sharing = asyncio.create_task(share_rate(redis, token, rate_limit))
        lookups.start()
        try:
            yield Engine(cache, lookups, breaker)
        finally:
            await end([sharing])
            await lookups.close()
