"""`/v1/forward/{system}/…`: requests screened, and those that are allowed sent on."""

from aiohttp import web

from validator_svc.http import context
from validator_svc.http.errors import ApiError
from validator_svc.http.gate import CALLER
from validator_svc.http.routes.screen import (
    refused,
    screened_one,
    screener_of,
    system_of,
    wanted_of,
    wants_native,
)
from validator_svc.screening.forwarding import (
    MARK_S,
    BrokenOffError,
    ForwardError,
    NoAnswerError,
    NothingSentError,
    SentBeforeError,
)
from validator_svc.screening.system import System

STATUS: dict[type[ForwardError], tuple[int, str]] = {
    NothingSentError: (502, "upstream_unreachable"),
    BrokenOffError: (502, "upstream_broken_off"),
    NoAnswerError: (504, "upstream_timeout"),
    SentBeforeError: (409, "may_have_been_sent"),
}


async def forward(request: web.Request) -> web.Response:
    """`POST /v1/forward/{system}/…`: the system's own answer; 400 for a request that is refused.

    Raises ApiError 404 for a system or a path to which nothing is sent on, 403 for a key that may not, and
    502, 504 or 409 where the system did not answer, StoreAwayError.
    """
    system, native = system_of(request), wants_native(request)
    path = path_of(request, system)
    screener, wanted = screener_of(request, system), wanted_of(request)
    found = await screened_one(request, screener, wanted, "forward")
    if not found.is_allowed or found.body is None:
        return refused(system, found, native)
    try:
        reply = await request.app[context.FORWARDER].send(system, path, found.body, request[CALLER].owner)
    except ForwardError as error:
        status, code = STATUS[type(error)]
        headers = {"Retry-After": str(MARK_S)} if status == 409 else None
        raise ApiError(status, code, f"{system.name}: {error}", headers) from None
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


def path_of(request: web.Request, system: System) -> str:
    """The path to send the request to, below the system's base URL. Raises ApiError 403 or 404."""
    if system.name not in request.app[context.FORWARDER].targets:
        raise ApiError(
            404, "not_forwarded", f"requests to {system.name} are not sent on (VALIDATOR_FORWARD_URLS)"
        )
    key = request[CALLER].key
    if key is not None and not key.may_forward:
        raise ApiError(403, "forward_not_allowed", "this key may have no requests sent on (may_forward)")
    path = request.match_info["path"]
    if not system.takes(path):
        raise ApiError(404, "unknown_path", f"{system.name} takes no such request on this path")
    return path
