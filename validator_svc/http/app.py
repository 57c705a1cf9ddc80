"""The application: routes and what they share."""

import importlib.metadata
from collections.abc import AsyncIterator

import redis.asyncio
from aiohttp import web

from validator_svc.config import Settings
from validator_svc.http import context, status, stream, validation
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.risk import NO_LIST, RiskList


def make_app(settings: Settings, redis_url: str, risk_list: RiskList = NO_LIST) -> web.Application:
    """The service as an aiohttp application; run it with `errors.Runner`."""
    app = web.Application()
    app[context.SETTINGS] = settings
    app[context.VERSION] = importlib.metadata.version("validator-svc")
    app[context.STORE] = redis.asyncio.Redis.from_url(redis_url)
    app[context.RESOLVER] = Resolver(Classifier(risk_list))
    app.cleanup_ctx.append(store)
    app.add_routes(
        [
            web.get("/", status.index),
            web.get("/healthz", status.healthz),
            web.get("/readyz", status.readyz),
            web.get("/v1/validation", validation.validate_one),
            web.post("/v1/validation", validation.validate_list),
            web.post("/v1/stream", stream.stream),
        ]
    )
    return app


async def store(app: web.Application) -> AsyncIterator[None]:
    """Close the connections to the store when the application ends."""
    yield
    await app[context.STORE].aclose()
