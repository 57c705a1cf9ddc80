"""`/openapi.json` and `/docs`: the document of the API, for machines and for people."""

from importlib import resources

from aiohttp import web

from validator_svc.http import context
from validator_svc.http.errors import ApiError

FOLDER = resources.files("validator_svc.http.document") / "assets"
ASSETS = {"style.css": "text/css", "filter.js": "text/javascript"}
CONTENTS = {name: (FOLDER / name).read_bytes() for name in ASSETS}
# The page asks nobody but this service, and runs nothing but its own script.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}


async def openapi(request: web.Request) -> web.Response:
    """`/openapi.json`: the document (OpenAPI 3.1)."""
    return web.Response(body=request.app[context.DOCUMENT].openapi, content_type="application/json")


async def page(request: web.Request) -> web.Response:
    """`/docs`: the document as a page."""
    body = request.app[context.DOCUMENT].page
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=HEADERS)


async def asset(request: web.Request) -> web.Response:
    """`/docs/{asset}`: what the page needs."""
    name = request.match_info["asset"]
    if name not in ASSETS:
        raise ApiError(404, "not_found", "there is no such file; GET /docs has the page")
    return web.Response(body=CONTENTS[name], content_type=ASSETS[name], charset="utf-8", headers=HEADERS)
