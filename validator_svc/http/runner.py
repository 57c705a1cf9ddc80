"""Running the application over connections: with time limits, and with every error in the one shape."""

import asyncio
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, BadHttpMethod, LineTooLong
from aiohttp.web_protocol import RequestHandler
from yarl import URL

from validator_svc import traces
from validator_svc.http import context
from validator_svc.http.access_log import AccessLog
from validator_svc.http.admission import Admission
from validator_svc.http.at_once import AtOnce
from validator_svc.http.entrance import IS_MALFORMED, Entrance, malformed
from validator_svc.http.errors import HTTP_CODE, ApiError, error_response, guard, unexpected
from validator_svc.http.plain import Plain, PlainReader
from validator_svc.http.route_table import ROUTES
from validator_svc.http.time_limits import TimedProtocol, TimeLimits
from validator_svc.http.traced import traced

log = structlog.get_logger()


class Connection(TimedProtocol):
    """HTTP/1.1 on one connection; errors below the routes (a malformed request) have the one shape, too."""

    at_once: AtOnce

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to look for plain requests."""
        super().connection_made(transport)
        self._plain = PlainReader(self.peername[0] if self.peername else None)

    def data_received(self, data: bytes) -> None:
        """Answer a plain request at once, if it can be; all else goes through aiohttp."""
        plain = self._plain.read(data) if data else None
        if plain is None or not self.is_idle or not self._is_answered(plain):
            super().data_received(data)

    def _is_answered(self, plain: Plain) -> bool:
        """Whether a request could be answered at once."""
        came_s = self._loop.time()
        try:
            answer = self.at_once.answer(plain, came_s)
        except Exception:
            # What is a fault there as well is answered as one.
            log.exception("not_answered_at_once")
            return False
        if answer is not None:
            self.answered(answer, came_s)
        return answer is not None

    def keep_log(self, access_log: AccessLog) -> None:
        """Have each request noted there."""
        self._note = access_log.note
        # aiohttp takes the time for its own log only.
        self._logging_enabled = True

    def log_access(self, request: web.BaseRequest, response: web.StreamResponse, time: float | None) -> None:
        """Note a request that was answered."""
        self._note(request, response, self._loop.time() - (time or 0.0))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that could not be understood; its text is not repeated, it may hold numbers."""
        if request.writer.output_size > 0:
            raise ConnectionResetError("the answer broke off")
        if isinstance(exc, LineTooLong):
            failure = ApiError(
                414, "uri_too_long", f"a line of the request head is over {self.max_line_size} bytes"
            )
        elif isinstance(exc, BadHttpMethod):
            failure = ApiError(405, *HTTP_CODE[405])
        elif isinstance(exc, BadHttpMessage) or status < 500:
            failure = malformed()
        else:
            failure = unexpected(request)
        response = error_response(failure)
        response.force_close()
        return response


def request_of(make: Any) -> Any:
    """aiohttp's maker of requests, but for URLs whose host cannot be a name (`http://xn--a/`).

    Those fail in its own, and nobody would answer or close their connection.
    """

    def made(message: Any, *given: Any) -> web.BaseRequest:
        try:
            request: web.BaseRequest = make(message, *given)
        except ValueError:
            request = make(message._replace(url=URL("/"), should_close=True), *given)
            request[IS_MALFORMED] = True
        return request

    return made


class ConnectionServer(web.Server):
    """Makes a `Connection` for each one."""

    limits: TimeLimits
    access_log: AccessLog
    at_once: AtOnce

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        connection = Connection(self, loop=self._loop, **self._kwargs)
        connection.limits = self.limits
        connection.at_once = self.at_once
        connection.keep_log(self.access_log)
        return connection


class Runner(web.AppRunner):
    """Runs an application with every error in the one shape, and with bodies left as they were sent.

    aiohttp would decompress bodies by itself, without a limit and with a 500 for a corrupt one.
    """

    def __init__(self, app: web.Application, limits: TimeLimits, **kwargs: Any) -> None:
        super().__init__(app, auto_decompress=False, access_log=None, **kwargs)
        self._limits = limits

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        app = self.app
        in_flight = app[context.IN_FLIGHT]
        admission = Admission(in_flight, app[context.SETTINGS].requests)
        admission.watch()
        entrance = Entrance(app, server.request_handler, in_flight, admission, app[context.GATE])
        handle = guard(entrance.handle)
        made = ConnectionServer(
            traced(handle) if traces.are_made() else handle,
            request_factory=request_of(server.request_factory),
            loop=server._loop,
            **server._kwargs,
        )
        made.limits = self._limits
        made.access_log = app[context.ACCESS_LOG]
        # What is traced has to go all the way.
        made.at_once = AtOnce(app, () if traces.are_made() else ROUTES, admission)
        return made
