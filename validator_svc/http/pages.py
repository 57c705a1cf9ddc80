"""Pages in somebody's browser: what they may do with the service, which is nothing unless it is set.

A browser sends requests on behalf of any page that it shows, also to services on its own machine that
nobody else reaches; and a name that a page controls may lead to the loopback address (DNS rebinding).
"""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from validator_svc.config import Settings
from validator_svc.http.errors import ApiError
from validator_svc.http.plain import Head
from validator_svc.networks import is_loopback

PREFLIGHT = "Access-Control-Request-Method"
METHODS = "GET, HEAD, POST, PATCH, DELETE"
HEADERS = "Accept, Authorization, Content-Type, Idempotency-Key"
EXPOSED = "Location, RateLimit, RateLimit-Policy, Retry-After"
PREFLIGHT_AGE_S = 600
FETCH_SITE = "Sec-Fetch-Site"
HOSTS_KEPT = 256
FROM_HERE = frozenset({"same-origin", "none"})
DEFAULT_PORTS = {"http": 80, "https": 443}


class Pages:
    """Tells requests of pages apart from others."""

    def __init__(self, settings: Settings) -> None:
        self.origins = frozenset(settings.cors_origins)
        self.hosts = frozenset(host.lower() for host in settings.hosts)
        # Where the address is another one, nobody knows by which names it is called.
        self.checks_host = is_loopback(settings.host) or bool(self.hosts)
        # The same ones come again and again.
        self.is_ours = lru_cache(HOSTS_KEPT)(self._is_ours)

    def refuse_foreign(self, request: Head) -> None:
        """Refuse what a page of another origin has the browser send. Raises ApiError 403.

        Every browser sends `Host`; `Origin` with whatever is no plain GET; `Sec-Fetch-Site` with the rest.
        """
        headers = request.headers
        hosts = headers.getall(hdrs.HOST, ())
        for host in hosts if self.checks_host else ():
            if not self.is_ours(host):
                raise ApiError(
                    403,
                    "foreign_host",
                    "Host: expected a loopback address, or a name that VALIDATOR_HOSTS has",
                )
        if hdrs.ORIGIN not in headers and FETCH_SITE not in headers:
            return
        origins = headers.getall(hdrs.ORIGIN, ())
        if any(origin not in self.origins and not is_same(origin, hosts) for origin in origins):
            raise ApiError(
                403, "foreign_origin", "Origin: expected this service, or one that VALIDATOR_CORS_ORIGINS has"
            )
        site = headers.get(FETCH_SITE, "none").strip().lower()
        if site not in FROM_HERE and not (origins and all(origin in self.origins for origin in origins)):
            raise ApiError(
                403,
                "foreign_origin",
                "Sec-Fetch-Site: expected same-origin or none; a page of another origin asks",
            )

    def _is_ours(self, host: str) -> bool:
        """Whether a `Host` names this service."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return is_loopback(name) or name in self.hosts

    def preflight(self, request: web.BaseRequest) -> web.Response | None:
        """The answer to a browser that asks beforehand, for a page that may; None for all else."""
        if request.method != hdrs.METH_OPTIONS or PREFLIGHT not in request.headers:
            return None
        if request.headers.get(hdrs.ORIGIN) not in self.origins:
            return None
        return web.Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": HEADERS,
                "Access-Control-Max-Age": str(PREFLIGHT_AGE_S),
            },
        )

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What browsers are told with every answer."""
        response.headers["X-Content-Type-Options"] = "nosniff"
        if not self.origins:
            return
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = request.headers.get(hdrs.ORIGIN)
        if origin in self.origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = EXPOSED


def is_same(origin: str, hosts: Sequence[str]) -> bool:
    """Whether an origin is the host that is asked; by its scheme a port may be left out."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        asked = [urlsplit(f"//{host}") for host in hosts]
        return bool(asked) and all(
            (each.hostname, each.port or DEFAULT_PORTS[parts.scheme]) == (parts.hostname, port)
            for each in asked
        )
    except (ValueError, KeyError):
        return False
