"""`/`: the page for people with a browser; for programs, what this is and where to go on."""

from aiohttp import web

from validator_svc.http import context
from validator_svc.http.accept import best_type
from validator_svc.http.assets import assets_in
from validator_svc.http.errors import ApiError
from validator_svc.http.sending import JSON

PAGE = "index.html"
HTML = "text/html"
ASSETS = assets_in("validator_svc.http.page")


async def index(request: web.Request) -> web.Response:
    """`/`: the page where HTML is liked better, as browsers do; the list of routes for all others."""
    if best_type(request, (JSON, HTML)) == HTML:
        return ASSETS[PAGE].answer(request)
    return web.json_response(
        {
            "service": "validator_svc",
            "version": request.app[context.VERSION],
            "routes": request.app[context.DOCUMENT].summaries,
        },
        headers={"Vary": "Accept"},
    )


async def asset(request: web.Request) -> web.Response:
    """`/page/{asset}`: what the page needs."""
    found = ASSETS.get(request.match_info["asset"])
    if found is None:
        raise ApiError(404, "not_found", "there is no such file; GET / has the page")
    return found.answer(request)
