"""The entrance: where all requests come in, and find their way to a route."""

from aiohttp import HttpVersion11, hdrs, web

from validator_svc.http.admission import Admission
from validator_svc.http.draining import InFlight
from validator_svc.http.errors import HTTP_CODE, ApiError, Handler
from validator_svc.http.gate import Gate
from validator_svc.http.route import matches_of

CONTINUE = "100-continue"
IS_MALFORMED = web.RequestKey("is_malformed", bool)


def malformed() -> ApiError:
    """400 for what is no request at all; its text is not repeated, it may hold numbers."""
    return ApiError(400, "malformed_request", "this is not an HTTP/1.1 request")


class Entrance:
    """Leads requests whose path is that of a route, letter by letter, straight to it through the gate.

    All others aiohttp leads, which tries one route after the other, through the same gate.
    """

    def __init__(
        self, app: web.Application, others: Handler, in_flight: InFlight, admission: Admission, gate: Gate
    ) -> None:
        """`others`: what answers all other requests."""
        self._others = others
        self._in_flight = in_flight
        self._admission = admission
        self._gate = gate
        self._matches = matches_of(app)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, if its head can be used.

        Raises ApiError 503 where there is no room for it, 400, or 417: aiohttp repeats an Expect that it
        does not know, and fails where no UTF-8 has it.
        """
        with self._in_flight:
            if IS_MALFORMED in request:
                raise malformed()
            self._admission.check(request.rel_url.raw_path)
            if hdrs.EXPECT in request.headers:
                expect = request.headers[hdrs.EXPECT].lower()
                if request.version == HttpVersion11 and expect != CONTINUE:
                    raise ApiError(417, *HTTP_CODE[417])
                return await self._others(request)
            match = self._matches.get((request.method, request.rel_url.raw_path))
            if match is None:
                return await self._others(request)
            assert isinstance(request, web.Request)
            request._match_info = match
            return await self._gate.middleware(request, match.handler)
