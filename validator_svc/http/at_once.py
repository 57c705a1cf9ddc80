"""Plain requests that wait for nothing, answered as their packet comes: without aiohttp's parser and tasks.

They pass the checks of all others, by the same functions, and are told the same. Whatever is not as it should
be is left to aiohttp before anything has happened: that is where refusals are made.
"""

import asyncio
import time
from collections.abc import Iterable

from aiohttp import web

from validator_svc.access.callers import Caller
from validator_svc.http import context
from validator_svc.http.access_log import Answered
from validator_svc.http.admission import Admission
from validator_svc.http.answers import rate_fields, whole_answer
from validator_svc.http.errors import ApiError
from validator_svc.http.parameters import Query
from validator_svc.http.plain import Plain
from validator_svc.http.request_id import NAMES
from validator_svc.http.route import Asked, Route, matches_of


class AtOnce:
    """Answers plain requests; one for an application, made in its event loop."""

    def __init__(self, app: web.Application, routes: Iterable[Route], admission: Admission) -> None:
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._gate = app[context.GATE]
        self._admission = admission
        self._days = app[context.DAYS]
        self._log = app[context.ACCESS_LOG]
        matches = matches_of(app)
        # What browsers are told of other origins depends on which one asks.
        is_for_all = not app[context.SETTINGS].cors_origins
        self._routes = {
            (each.method, each.path): (each, each.at_once, each.known, matches[each.method, each.path])
            for each in routes
            if each.at_once is not None and is_for_all
        }

    def answer(self, plain: Plain, came_s: float) -> bytes | None:
        """The whole answer, noted and counted; None where aiohttp is to see to the request.

        `came_s`: when it came, by the clock of the event loop.
        """
        found = self._routes.get((plain.method, plain.path))
        # What there is no room for is refused where all refusals are made.
        if found is None or not self._admission.has_room():
            return None
        route, at_once, known, match = found
        try:
            caller = self._gate.known_caller(plain)
            if caller is None:
                return None
            asked = Asked(self._app, route, caller, Query(plain.raw_query, known, route.keys), plain)
            ready = at_once(asked)
        except ApiError:
            return None
        if ready is None or (fields := self._taken(caller, ready.numbers)) is None:
            return None
        name = NAMES.next()
        answer = whole_answer(ready.body(), name, fields)
        took_s = self._loop.time() - came_s
        self._log.take(Answered(plain.method, match, 200, len(answer), took_s, time.time_ns(), name))
        return answer

    def _taken(self, caller: Caller, numbers: int) -> str | None:
        """Take what the request needs of what its key may; returns the fields that tell of its rate.

        None, and nothing is taken, where the store has to be asked.
        """
        key = caller.key
        if key is None:
            return ""
        fields = ""
        if key.requests_per_second is not None:
            left = self._gate.rates.take_ahead(key)
            if left is None:
                return None
            fields = rate_fields(key.requests_per_second, left)
        if not self._days.take_ahead(key, numbers):
            if fields:
                self._gate.rates.give_back(key)
            return None
        if fields:
            self._log.count_rate(is_passed=True)
        return fields
