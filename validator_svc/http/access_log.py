"""One log line a request: without its query, which may hold a number or a key."""

import asyncio
import contextlib
import time
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import structlog
from aiohttp import hdrs, web

from validator_svc.access.usage import Figures, UsageKind
from validator_svc.http import figures
from validator_svc.http.request_id import request_id
from validator_svc.logs import json_stream
from validator_svc.lookup.metrics import note_numbers
from validator_svc.numbering.facts import RequestType

log = structlog.get_logger("access")

# Asked every few seconds by whatever watches the service; their lines would drown the others.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
NO_ROUTE = "unknown"
OTHER_METHOD = "other"
# How long lines of the log are gathered.
GATHERED_S = 0.01


class Answered(NamedTuple):
    """A request that was answered."""

    method: str
    match: web.UrlMappingMatchInfo | None
    """None: it was refused below the routes."""
    status: int
    size: int
    took_s: float
    at_ns: int
    request_id: str


def route_of(match: web.UrlMappingMatchInfo | None) -> str:
    """The path of the route that a request was led to; its own may hold a number."""
    resource = match.route.resource if match is not None else None
    return resource.canonical if resource is not None else NO_ROUTE


def method_of(request: web.BaseRequest) -> str:
    """Its method; what a caller made up is no name for a figure."""
    return request.method if request.method in hdrs.METH_ALL else OTHER_METHOD


class AccessLog:
    """Logs method, route, status, bytes and duration of each request, and counts it.

    That is done for all together that are answered within some milliseconds, and not in the way of other
    events: for each by itself it would take longer than to answer a number.
    """

    def __init__(self) -> None:
        self._stream = json_stream()
        self._answered: list[Answered] = []
        self._used: list[tuple[UsageKind, RequestType, Figures]] = []
        self._passed = self._turned_away = 0

    def note(self, request: web.BaseRequest, response: web.StreamResponse, took_s: float) -> None:
        """Take a request that was answered; it is logged a moment later."""
        match = getattr(request, "_match_info", None)
        self.take(
            Answered(
                method_of(request),
                match,
                response.status,
                response.body_length,
                took_s,
                time.time_ns(),
                request_id(request),
            )
        )

    def take(self, answered: Answered) -> None:
        """The same, for what is there already."""
        if not self._answered:
            asyncio.get_running_loop().call_later(GATHERED_S, self.write)
        self._answered.append(answered)

    def count_numbers(self, kind: UsageKind, request_type: RequestType, figures: Figures) -> None:
        """Take what a request used; it is counted when the request is."""
        self._used.append((kind, request_type, figures))

    def count_rate(self, is_passed: bool) -> None:
        """Take what became of a request of a key that has a rate; it is counted when the request is."""
        if is_passed:
            self._passed += 1
        else:
            self._turned_away += 1

    def write(self) -> None:
        """Log and count what was taken."""
        figures.note_rates(self._passed, self._turned_away)
        self._passed = self._turned_away = 0
        used, self._used = self._used, []
        for (kind, request_type, of_each), count in Counter(used).items():
            counts = {name: count * number for name, number in of_each._asdict().items()}
            note_numbers(kind, request_type, counts)
        answered, self._answered = self._answered, []
        lines = []
        for each in answered:
            route = route_of(each.match)
            figures.note_request(each.method, route, each.status, each.took_s)
            if route not in QUIET or each.status >= 400:
                lines.append((each, route))
        if self._stream is None:
            for line in lines:
                log_one(*line)
            return
        text = "".join([json_line(*line) for line in lines])
        # As the log does it: whoever cannot be told is not told.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def log_one(answered: Answered, route: str) -> None:
    """A line for people."""
    log.info(
        "request",
        method=answered.method,
        route=route,
        status=answered.status,
        bytes=answered.size,
        duration_ms=round(answered.took_s * 1000, 1),
        request_id=answered.request_id,
    )


def json_line(answered: Answered, route: str) -> str:
    """The same line as the log would write it."""
    second, rest_ns = divmod(answered.at_ns, 1_000_000_000)
    return (
        f'{{"method": "{answered.method}", "route": "{route}", "status": {answered.status}, '
        f'"bytes": {answered.size}, '
        f'"duration_ms": {answered.took_s * 1000:.1f}, "request_id": "{answered.request_id}", '
        f'"event": "request", "level": "info", '
        f'"timestamp": "{shown(second)}.{rest_ns // 1_000:06}Z"}}\n'
    )


@lru_cache(maxsize=4)
def shown(second: int) -> str:
    """A moment, in seconds since the epoch, as RFC 3339 has it, without its end."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
