"""The application: the routes, and what they stand on."""

import asyncio
import importlib.metadata

from aiohttp import web
from redis.asyncio import Redis

from validator_svc.access.callers import Callers
from validator_svc.access.day_budget import DayBudget
from validator_svc.access.key_store import KeyStore
from validator_svc.access.rate_limit import RateLimit
from validator_svc.access.usage_log import UsageLog
from validator_svc.access.usage_report import UsageReport
from validator_svc.batches.batching import Batching
from validator_svc.config import Settings
from validator_svc.http import context
from validator_svc.http.access_log import AccessLog
from validator_svc.http.document.openapi import api_document
from validator_svc.http.draining import InFlight
from validator_svc.http.gate import Gate
from validator_svc.http.open_at_once import OPEN, OpenAtOnce
from validator_svc.http.route import definition
from validator_svc.http.route_table import ROUTES
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.screening.forwarding import Forwarder
from validator_svc.screening.screening import Screening


def make_app(
    settings: Settings,
    store: Redis,
    resolver: Resolver,
    routes: Routes | None,
    batching: Batching,
    screening: Screening,
    forwarder: Forwarder,
    usage: UsageLog,
) -> web.Application:
    """The service as an aiohttp application; run it with `runner.Runner`.

    What it is given is there before it and after it.
    """
    in_flight = InFlight()
    keys = KeyStore(store)
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
    access_log = AccessLog()
    gate = Gate(settings, Callers(keys, admin_key), RateLimit(store), ROUTES, access_log)
    app = web.Application(middlewares=[gate.middleware])
    app.on_response_prepare.append(gate.add_headers)
    app[context.IN_FLIGHT] = in_flight
    app[context.GATE] = gate
    app[context.ACCESS_LOG] = access_log
    app[context.SETTINGS] = settings
    app[context.VERSION] = importlib.metadata.version("validator-svc")
    app[context.DOCUMENT] = api_document(ROUTES, app[context.VERSION])
    app[context.STORE] = store
    app[context.KEYS] = keys
    app[context.DAYS] = DayBudget(store)
    app[context.USAGE] = usage
    app[context.USAGE_REPORT] = UsageReport(store)
    app[context.CLASSIFIER] = resolver.classifier
    app[context.RESOLVER] = resolver
    app[context.ROUTES] = routes
    app[context.BATCHING] = batching
    app[context.SCREENING] = screening
    app[context.FORWARDER] = forwarder
    app[OPEN] = OpenAtOnce(settings)
    app[context.UPLOADS] = asyncio.Semaphore(settings.uploads)
    app.add_routes([definition(route) for route in ROUTES])
    return app
