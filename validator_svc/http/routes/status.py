"""How the service is: alive, ready, and its figures."""

from aiohttp import web

from validator_svc.http import context
from validator_svc.http import figures as http_figures
from validator_svc.http.errors import STORE_RETRY_S, ApiError, unavailable
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.upstreams import registry


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
    app = request.app
    app[context.ACCESS_LOG].write()
    # But this one.
    http_figures.IN_FLIGHT.set(app[context.IN_FLIGHT].count - 1)
    body = await http_figures.told(app[context.BATCHING].batches, app[context.ROUTES])
    return web.Response(body=body, headers={"Content-Type": http_figures.CONTENT_TYPE})
