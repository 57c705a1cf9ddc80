"""Routes under /emulator/ to read the ledger and to change the emulator while it runs. No key is asked."""

from typing import Any

import orjson
from aiohttp import web

from loadtest.wavix_emulator import replies
from loadtest.wavix_emulator.faults import FaultError
from loadtest.wavix_emulator.upstream import Upstream


class Admin:
    """The admin routes of an upstream."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def add_routes(self, app: web.Application) -> None:
        """Put the admin routes into `app`."""
        app.router.add_get("/emulator/ledger", self.get_ledger)
        app.router.add_get("/emulator/faults", self.get_faults)
        app.router.add_put("/emulator/faults", self.put_faults)
        app.router.add_post("/emulator/reset", self.reset)
        app.router.add_post("/emulator/forget", self.forget)
        app.router.add_post("/emulator/top-up", self.top_up)

    async def get_ledger(self, request: web.Request) -> web.Response:
        """Totals; `?requests=true` adds a list of requests, `?numbers=true` digits -> times billed."""
        ledger = self._upstream.ledger
        answer = ledger.totals() | {"faults_fired": dict(self._upstream.faults.fired)}
        if request.query.get("requests") == "true":
            answer["requests"] = [entry.as_json() for entry in ledger.requests]
        if request.query.get("numbers") == "true":
            answer["numbers"] = dict(ledger.times_billed)
        return json(answer)

    async def get_faults(self, request: web.Request) -> web.Response:
        """`{"faults": {name: value}, "seed": n}`."""
        return json({"faults": self._upstream.faults.settings, "seed": self._upstream.faults.seed})

    async def put_faults(self, request: web.Request) -> web.Response:
        """Replace the faults; body as `get_faults` answers it, the seed may be left out."""
        body = await read_object(request)
        faults, seed = body.get("faults"), body.get("seed")
        if not isinstance(faults, dict) or not all(isinstance(value, str) for value in faults.values()):
            return replies.error(400, "faults: an object of names and values, both strings")
        if not (seed is None or isinstance(seed, int)):
            return replies.error(400, "seed: a whole number")
        try:
            self._upstream.set_faults(faults, seed)
        except FaultError as error:
            return replies.error(400, str(error))
        return await self.get_faults(request)

    async def reset(self, request: web.Request) -> web.Response:
        """As just started, with the same faults."""
        self._upstream.reset()
        return json({})

    async def forget(self, request: web.Request) -> web.Response:
        """Make every async id unknown."""
        self._upstream.forget_jobs()
        return json({})

    async def top_up(self, request: web.Request) -> web.Response:
        """Body `{"numbers": n}`: add funds for so many numbers."""
        numbers = (await read_object(request)).get("numbers")
        if not isinstance(numbers, int) or numbers < 1:
            return replies.error(400, "numbers: a whole number above 0")
        self._upstream.top_up(numbers)
        return json({"funds": self._upstream.ledger.funds})


def json(answer: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(answer), content_type=replies.JSON)


async def read_object(request: web.Request) -> dict[str, Any]:
    """The body's JSON object; empty when it is anything else, so that the checks of its fields speak."""
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
