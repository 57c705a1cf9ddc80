"""A span for each request, but those of whatever watches the service."""

from aiohttp import web

from validator_svc import traces
from validator_svc.http.access_log import QUIET, method_of, route_of
from validator_svc.http.errors import Handler
from validator_svc.http.request_id import request_id


def traced(handler: Handler) -> Handler:
    """Wrap the outermost handler: what is done for a request belongs to its span.

    The span belongs to the caller's, where that one says so in `traceparent`. It has the path of its route;
    its own may hold a number.
    """

    async def answered(request: web.BaseRequest) -> web.StreamResponse:
        if request.rel_url.raw_path in QUIET:
            return await handler(request)
        method = method_of(request)
        named = {"http.request.method": method, "validator.request_id": request_id(request)}
        with traces.span(method, "server", [request.headers.get(traces.PARENT, "")], named) as span:
            response = await handler(request)
            route = route_of(getattr(request, "_match_info", None))
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.route": route, "http.response.status_code": response.status})
            return response

    return answered
