"""A route with the names that it takes, declared in one place."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from aiohttp import web

from validator_svc.access.callers import Caller
from validator_svc.http.document.doc import Doc
from validator_svc.http.errors import ApiError
from validator_svc.http.parameters import APPID, Query
from validator_svc.http.plain import Plain

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Needs = Literal["nothing", "key", "admin key", "admin key always"]
"""The last one also where no keys are asked for."""

# At the end of a route's path: the rest of the request's, slashes and all.
REST = "{path}"
# Some clients send an empty object where nothing is asked for.
NOTHING = (b"", b"{}")
MAX_NOTHING_BYTES = 64


class Asked(NamedTuple):
    """A plain request, as its route is asked for the answer."""

    app: web.Application
    route: "Route"
    caller: Caller
    query: Query
    plain: Plain


class Ready(NamedTuple):
    """An answer that can be made without waiting: 200 with JSON. Nothing has been counted yet."""

    numbers: int
    """How many of the caller's day it takes; none of them costs anything."""
    body: Callable[[], bytes]
    """Makes the body, and notes what it used."""


class Route(NamedTuple):
    """A method on a path, and what it takes beside the path."""

    method: str
    path: str
    handler: Handler
    parameters: tuple[str, ...] = ()
    """Of the query; of a form they may be fields as well."""
    keys: tuple[str, ...] = ()
    """Of a JSON body."""
    takes_file: bool = False
    """Whether the body is a file or a stream of numbers."""
    needs: Needs = "key"
    """What a caller must have."""
    doc: Doc | None = None
    """What is said of it in the document of the API; a test fails for a route that has none."""
    at_once: Callable[[Asked], Ready | None] | None = None
    """Answers a plain request where nothing has to be waited for, as the handler would. Raises ApiError."""

    @property
    def known(self) -> tuple[str, ...]:
        """What may stand in its query."""
        return (*self.parameters, APPID)

    @property
    def known_keys(self) -> tuple[str, ...]:
        """What may stand in its JSON body."""
        return (*self.keys, APPID)

    @property
    def is_strict(self) -> bool:
        """Whether it refuses what it does not know; whoever probes `/healthz` may add what he likes."""
        return self.path.startswith(("/v1/", "/v2/"))


ROUTE = web.RequestKey("route", Route)
QUERY = web.RequestKey("query", Query)


def definition(route: Route) -> web.RouteDef:
    """The route for aiohttp; what is wrong with the names is refused before the handler is asked."""

    known = route.known
    takes_no_body = route.method == "POST" and not route.keys and not route.takes_file

    async def handle(request: web.Request) -> web.StreamResponse:
        request[ROUTE] = route
        request[QUERY] = Query(request.rel_url.raw_query_string, known, route.keys)
        if takes_no_body:
            await refuse_body(request)
        return await route.handler(request)

    if route.path.endswith(REST):
        return web.route(route.method, f"{route.path.removesuffix(REST)}{{path:.+}}", handle)
    if route.method == "GET":
        return web.get(route.path, handle if route.is_strict else route.handler)
    return web.route(route.method, route.path, handle)


def matches_of(app: web.Application) -> dict[tuple[str, str], web.UrlMappingMatchInfo]:
    """What aiohttp would find for the routes whose path is always the same, by method and path."""
    matches = {}
    for route in app.router.routes():
        if isinstance(route.resource, web.PlainResource):
            match = web.UrlMappingMatchInfo({}, route)
            match.add_app(app)
            match.freeze()
            matches[route.method, route.resource.canonical] = match
    return matches


async def refuse_body(request: web.Request) -> None:
    """Raise ApiError 400 for a body that nobody would look at: it may hold what was meant as a parameter."""
    body = b""
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > MAX_NOTHING_BYTES:
            break
    if body.strip() not in NOTHING:
        known = ", ".join(request[QUERY].known)
        raise ApiError(400, "unexpected_body", f"body: expected none; what is known in the query: {known}")
