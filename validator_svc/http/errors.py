"""Errors as they leave: one JSON shape for every one of them, from every route and from below the routes.

Only where another service's API is spoken they have that one's shape.
"""

import errno
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import orjson
import structlog
from aiohttp import web

from validator_svc.access.day_budget import DayUsedUpError, seconds_left
from validator_svc.batches.batch import UnreadableBatchError
from validator_svc.http.request_id import HEADER, request_id
from validator_svc.http.twilio.errors import error_body, is_its_path
from validator_svc.lookup.store import OUT_OF_HANDLES, TOO_MANY_OPEN, StoreAwayError

log = structlog.get_logger()

STORE_RETRY_S = 2
DISK_RETRY_S = 10
# What is answered to a caller who is gone has this status in the log (the custom of nginx); nobody gets it.
CALLER_GONE = 499
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

HTTP_CODE = {
    404: ("not_found", "there is no such route; GET / lists them"),
    405: ("method_not_allowed", "this route does not take that method"),
    413: ("body_too_large", "the request body is too large"),
    417: ("expectation_failed", "the only Expect header understood is 100-continue"),
}


class ApiError(Exception):
    """An error that the caller is told of.

    `code` is machine-readable and stable, `message` names what was wrong and what was expected;
    neither ever holds a whole phone number.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def bad_parameter(name: str, expected: str) -> ApiError:
    """400 for a parameter that is missing or cannot be used."""
    return ApiError(400, "invalid_parameter", f"{name}: {expected}")


def unavailable(message: str, retry_after_s: int) -> ApiError:
    """503 with the time after which to try again."""
    return ApiError(503, "unavailable", message, {"Retry-After": str(retry_after_s)})


def error_response(error: ApiError, path: str = "") -> web.Response:
    """The one error body of this service; on the paths of another's API that one's."""
    message = encodable(error.message)
    body = {"success": False, "error": True, "code": error.code, "message": message}
    if is_its_path(path):
        body = error_body(error.status, message)
    return web.Response(
        status=error.status,
        body=orjson.dumps(body),
        content_type="application/json",
        # What fails below the routes passes nothing that would add it.
        headers={"X-Content-Type-Options": "nosniff", **(error.headers or {})},
    )


def encodable(text: str) -> str:
    """The text with `?` for what no UTF-8 has: heads may hold any bytes."""
    return text.encode("utf-8", "replace").decode()


def guard(handler: Handler) -> Handler:
    """Wrap the outermost handler so that whatever it raises leaves in the one shape.

    Raises ConnectionResetError once the answer has begun.
    """

    async def guarded(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            response = error_response(failure_of(error, request), request.path)
            response.headers[HEADER] = request_id(request)
            let_go(error)
        if request.writer.output_size > 0:
            # The answer has begun; only a broken connection can still say that it will not be complete.
            raise ConnectionResetError("the answer broke off")
        return response

    return guarded


def failure_of(error: Exception, request: web.BaseRequest) -> ApiError:
    """What the caller is told of an exception that ended the handling of a request."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, StoreAwayError):
        return unavailable(str(error), STORE_RETRY_S)
    if isinstance(error, UnreadableBatchError):
        return ApiError(
            409,
            "unreadable_batch",
            "the state of this batch cannot be read; it can only be deleted, and sent again",
        )
    if isinstance(error, DayUsedUpError):
        return ApiError(429, error.limit, str(error), {"Retry-After": str(seconds_left())})
    if isinstance(error, web.HTTPException):
        return from_http_exception(error)
    if isinstance(error, web.RequestPayloadError):
        return ApiError(400, "malformed_body", "the request body is cut short or wrongly encoded")
    if isinstance(error, ConnectionError) and is_gone(request):
        return ApiError(CALLER_GONE, "caller_gone", "the connection was closed before the answer")
    if isinstance(error, OSError) and error.errno is not None:
        return disk_failure(error)
    return unexpected(request)


def is_gone(request: web.BaseRequest) -> bool:
    """Whether the caller has closed the connection."""
    return request.transport is None or request.transport.is_closing()


def disk_failure(error: OSError) -> ApiError:
    """507 when the disk for temporary files is full, 503 when it fails otherwise; never the store's fault."""
    if error.errno in TOO_MANY_OPEN:
        log.error("out_of_handles", why=error.strerror)
        return unavailable(OUT_OF_HANDLES, DISK_RETRY_S)
    is_full = error.errno in FULL
    log.error("disk_fails", why=error.strerror, exc_info=not is_full)
    # Not its own text, which may name a path.
    why = os.strerror(error.errno or 0)
    message = f"the disk of this service, where files in work are kept, fails: {why}"
    status, code = (507, "disk_full") if is_full else (503, "unavailable")
    return ApiError(status, code, message, {"Retry-After": str(DISK_RETRY_S)})


def let_go(error: BaseException) -> None:
    """Take the tracebacks off an error, and off those that it was raised from.

    A traceback holds every frame that the error came through, and with them the request and its body.
    Any of those frames that holds the error in turn would keep all of it until garbage is collected.
    """
    while True:
        error.__traceback__ = None
        origin = error.__cause__ or error.__context__
        error.__cause__ = error.__context__ = None
        if origin is None:
            return
        error = origin


def from_http_exception(error: web.HTTPException) -> ApiError:
    """What aiohttp raises by itself, as an error of this service."""
    code, message = HTTP_CODE.get(error.status, ("http_error", HTTPStatus(error.status).phrase.lower()))
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    if headers is not None:
        message += f"; it takes {', '.join(headers['Allow'].split(','))}"
    return ApiError(error.status, code, message, headers)


def unexpected(request: web.BaseRequest) -> ApiError:
    """A fault of this service: the log has the details under an id, the caller gets the id."""
    error_id = secrets.token_hex(8)
    log.exception("unexpected_error", error_id=error_id, method=request.method, path=request.path)
    return ApiError(
        500, "internal_error", f"an unexpected fault of this service; its log has it as {error_id}"
    )
