"""The application: the routes, and what they stand on."""

import asyncio
import functools
import importlib.metadata
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from validator_svc.batches.batching import batch_settings, batching
from validator_svc.config import Settings
from validator_svc.dropbox.lifecycle import watching
from validator_svc.http import context
from validator_svc.http.draining import InFlight
from validator_svc.http.route import definition
from validator_svc.http.route_table import ROUTES
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.engine import lookup_engine, upstream_settings
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.risk import NO_LIST, RiskList


def make_app(settings: Settings, redis_url: str, risk_list: RiskList = NO_LIST) -> web.Application:
    """The service as an aiohttp application; run it with `errors.Runner`."""
    in_flight = InFlight()
    app = web.Application(middlewares=[in_flight.middleware])
    app[context.IN_FLIGHT] = in_flight
    app[context.SETTINGS] = settings
    app[context.VERSION] = importlib.metadata.version("validator-svc")
    app[context.STORE] = connect(redis_url)
    app[context.CLASSIFIER] = Classifier(risk_list, settings.data_dir)
    app[context.UPLOADS] = asyncio.Semaphore(settings.uploads)
    app.cleanup_ctx.append(resolver)
    app.cleanup_ctx.append(functools.partial(handle_batches, redis_url=redis_url))
    if settings.drop_dir is not None:
        app.cleanup_ctx.append(functools.partial(watch_drop_folder, root=settings.drop_dir))
    app.add_routes([definition(route) for route in ROUTES])
    return app


async def resolver(app: web.Application) -> AsyncIterator[None]:
    """The resolver with what it stands on, for the life of the application."""
    settings, store, classifier = app[context.SETTINGS], app[context.STORE], app[context.CLASSIFIER]
    if settings.wavix_appid is None:
        app[context.RESOLVER], app[context.BREAKER] = Resolver(classifier), None
        yield
    else:
        async with lookup_engine(upstream_settings(settings), store) as engine:
            app[context.RESOLVER] = Resolver(classifier, engine.cache, engine.lookups)
            app[context.BREAKER] = engine.breaker
            yield
    await store.aclose()


async def handle_batches(app: web.Application, redis_url: str) -> AsyncIterator[None]:
    """What handles batches, and works them, for the life of the application."""
    settings = batch_settings(app[context.SETTINGS])
    async with batching(
        settings, redis_url, app[context.STORE], app[context.RESOLVER], app[context.BREAKER]
    ) as handled:
        app[context.BATCHING] = handled
        yield


async def watch_drop_folder(app: web.Application, root: Path) -> AsyncIterator[None]:
    """The drop folder, watched for the life of the application."""
    async with watching(root, app[context.SETTINGS].drop_settle, app[context.BATCHING]):
        yield
