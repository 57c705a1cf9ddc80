"""How the service is: alive, ready, and its figures."""

import asyncio
import contextlib
import os

import prometheus_client
from aiohttp import web
from prometheus_client.multiprocess import MultiProcessCollector

from validator_svc.http import context
from validator_svc.http import figures as http_figures
from validator_svc.http.errors import STORE_RETRY_S, ApiError, unavailable
from validator_svc.http.workers import FIGURES_FOLDER
from validator_svc.lookup import metrics
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.upstreams import registry

LOOK_S = 2.0


async def healthz(request: web.Request) -> web.Response:
    """`/healthz`: 200 while the process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """`/readyz`: 200 when the store answers, and workers here reach it; 503 otherwise.

    503 too while the upstream refuses the key. One that is away or out of funds is only told of: cached and
    free answers go on.
    """
    try:
        await request.app[context.STORE].ping()
        are_silent = await request.app[context.BATCHING].workers.are_silent(request.app[context.STORE])
    except STORE_ERRORS as error:
        raise StoreAwayError(error) from None
    if are_silent:
        raise unavailable("the workers of this process do not reach the store (Redis)", STORE_RETRY_S)
    routes = request.app[context.ROUTES]
    if routes is not None and routes.state is BreakerState.REFUSED:
        refused = routes.refused
        keys = {each.name: registry.key_variable(each.name) for each in refused}
        why = [f"the upstream ({name}) refuses the key in {key}" for name, key in keys.items()]
        retry_s = min(each.limits.probe_s for each in refused)
        raise ApiError(503, "upstream_refused", "; ".join(why), {"Retry-After": str(round(retry_s))})
    return web.json_response({"status": "ready", "upstream": routes.state if routes else None})


async def figures(request: web.Request) -> web.Response:
    """`/metrics`: figures in the Prometheus text format."""
    request.app[context.ACCESS_LOG].write()
    http_figures.TASKS.set(len(asyncio.all_tasks()))
    # Without the store the other figures are told all the same.
    with contextlib.suppress(*STORE_ERRORS, TimeoutError):
        async with asyncio.timeout(LOOK_S):
            await http_figures.look_at_batches(request.app[context.BATCHING].batches)
    routes = request.app[context.ROUTES]
    for route in routes.all if routes else ():
        for state in BreakerState:
            metrics.BREAKER.labels(route.upstream.name, state.value).set(route.breaker.state is state)
    registry = prometheus_client.REGISTRY
    if FIGURES_FOLDER in os.environ:
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    body = prometheus_client.generate_latest(registry)
    return web.Response(body=body, headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})
