"""The parts of paid lookups put together, for the life of a process."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from redis.asyncio import Redis

from validator_svc.config import Settings
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.cancel import end
from validator_svc.lookup.circuit_breaker import CircuitBreaker
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.rate_share import share_rates
from validator_svc.lookup.routes import Route, Routes
from validator_svc.lookup.upstream_requests import UpstreamRequests
from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams import registry
from validator_svc.upstreams.rate_limit import RateLimit


class Engine(NamedTuple):
    """What answers of the suppliers need."""

    cache: Cache
    lookups: Dispatcher
    routes: Routes


@contextlib.asynccontextmanager
async def lookup_engine(
    settings: Settings, redis: Redis, region_of: Callable[[str], str | None]
) -> AsyncIterator[Engine]:
    """Paid lookups of the suppliers that are set, of which there is one at least; at work for the block.

    `region_of` gives the region of digits of E.164.
    """
    token = secrets.token_hex(8)
    ttl_s: dict[RequestType, int] = {
        "analysis": settings.cache_ttl_analysis,
        "validation": settings.cache_ttl_validation,
    }
    claims = Claims(redis, token)
    async with contextlib.AsyncExitStack() as stack:
        routes = []
        for choice in registry.choices(settings):
            upstream = await stack.enter_async_context(registry.connected(choice.name))
            rate_limit = RateLimit(upstream.limits.requests_per_s)
            breaker = CircuitBreaker(upstream.limits.probe_s)
            routes.append(Route(choice, UpstreamRequests(upstream, rate_limit, claims, breaker)))
        keeping = {route.upstream.name: route.upstream.keeping for route in routes}
        cache = Cache(redis, ttl_s, settings.cache_ttl_reachable, keeping)
        is_cheapest_first = settings.upstreams_order == "cheapest"
        chosen = Routes(routes, region_of, is_cheapest_first, registry.fill(settings))
        lookups = Dispatcher(cache, claims, chosen)
        rate_limits = [route.requests.rate_limit for route in routes]
        sharing = asyncio.create_task(share_rates(redis, token, rate_limits))
        lookups.start()
        try:
            yield Engine(cache, lookups, lookups.routes)
        finally:
            await end([sharing])
            await lookups.close()
