"""`/openapi.json` and `/docs`: the document of the API, for machines and for people."""

from aiohttp import web

from validator_svc.http import context
from validator_svc.http.assets import assets_in
from validator_svc.http.errors import ApiError

ASSETS = assets_in("validator_svc.http.document")


async def openapi(request: web.Request) -> web.Response:
    """`/openapi.json`: the document (OpenAPI 3.1)."""
    return web.Response(body=request.app[context.DOCUMENT].openapi, content_type="application/json")


async def page(request: web.Request) -> web.Response:
    """`/docs`: the document as a page."""
    return request.app[context.DOCUMENT].page.answer(request)


async def asset(request: web.Request) -> web.Response:
    """`/docs/{asset}`: what the page needs."""
    found = ASSETS.get(request.match_info["asset"])
    if found is None:
        raise ApiError(404, "not_found", "there is no such file; GET /docs has the page")
    return found.answer(request)
