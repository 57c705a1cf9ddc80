"""The application: routes and what they share."""

import importlib.metadata
from collections.abc import AsyncIterator

import redis.asyncio
from aiohttp import web

from validator_svc.config import Settings
from validator_svc.http import context, status, stream, validation
from validator_svc.http.draining import InFlight
from validator_svc.lookup.engine import lookup_engine, upstream_settings
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.risk import NO_LIST, RiskList


def make_app(settings: Settings, redis_url: str, risk_list: RiskList = NO_LIST) -> web.Application:
    """The service as an aiohttp application; run it with `errors.Runner`."""
    in_flight = InFlight()
    app = web.Application(middlewares=[in_flight.middleware])
    app[context.IN_FLIGHT] = in_flight
    app[context.SETTINGS] = settings
    app[context.VERSION] = importlib.metadata.version("validator-svc")
    app[context.STORE] = redis.asyncio.Redis.from_url(redis_url)
    app[context.CLASSIFIER] = Classifier(risk_list)
    app.cleanup_ctx.append(resolver)
    app.add_routes(
        [
            web.get("/", status.index),
            web.get("/healthz", status.healthz),
            web.get("/readyz", status.readyz),
            web.get("/metrics", status.figures),
            web.get("/v1/validation", validation.validate_one),
            web.post("/v1/validation", validation.validate_list),
            web.post("/v1/stream", stream.stream),
        ]
    )
    return app


async def resolver(app: web.Application) -> AsyncIterator[None]:
    """The resolver with what it stands on, for the life of the application."""
    settings, store, classifier = app[context.SETTINGS], app[context.STORE], app[context.CLASSIFIER]
    if settings.wavix_appid is None:
        app[context.RESOLVER], app[context.GATE] = Resolver(classifier), None
        yield
    else:
        async with lookup_engine(upstream_settings(settings), store) as engine:
            app[context.RESOLVER] = Resolver(classifier, engine.cache, engine.lookups)
            app[context.GATE] = engine.gate
            yield
    await store.aclose()
