"""One log line a request: without its query, which may hold a number or a key."""

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

log = structlog.get_logger("access")

# Asked every few seconds by whatever watches the service; their lines would drown the others.
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class AccessLog(AbstractAccessLogger):
    """Logs method, route, status, bytes and duration."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log an answered request; `time` is in seconds."""
        if request.path in QUIET_PATHS and response.status < 400:
            return
        # A request that was refused below the routes has no match; a path may hold a number, a route none.
        match = getattr(request, "_match_info", None)
        resource = match.route.resource if match is not None else None
        log.info(
            "request",
            method=request.method,
            route=resource.canonical if resource else "unknown",
            status=response.status,
            bytes=response.body_length,
            duration_ms=round(time * 1000, 1),
        )
