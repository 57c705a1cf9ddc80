"""The three routes of the public API: what happens to a request, step by step."""

import asyncio

from aiohttp import web

from loadtest.wavix_emulator import replies
from loadtest.wavix_emulator.calls import Call, read_call
from loadtest.wavix_emulator.faults import BODIES, LOSSES_AFTER, LOSSES_BEFORE, REFUSALS
from loadtest.wavix_emulator.ledger import Entry
from loadtest.wavix_emulator.upstream import Reply, Upstream

NO_STATUS = 0


class Api:
    """The HTTP side of an upstream."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def add_routes(self, app: web.Application) -> None:
        """Put the public API into `app`."""
        app.router.add_get("/v1/validation", self.handle, allow_head=False)
        app.router.add_post("/v1/validation", self.handle)
        app.router.add_get("/v1/validation/{job_id}", self.handle, allow_head=False)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, and keep it in the ledger."""
        call = await self._read(request)
        ledger = self._upstream.ledger
        entry = ledger.arrived(call.kind, call.request_type, len(call.numbers))
        response = await self._respond(request, call, entry)
        sent = request.transport is not None and not request.transport.is_closing()
        ledger.replied(entry, response.status if sent else NO_STATUS)
        return response

    async def _read(self, request: web.Request) -> Call:
        return await read_call(request, self._upstream.max_numbers)

    def _reply(self, call: Call, entry: Entry) -> Reply | None:
        return self._upstream.reply(call, entry)

    async def _respond(self, request: web.Request, call: Call, entry: Entry) -> web.StreamResponse:
        faults = self._upstream.faults
        refusal = self._refusal(request, entry)
        if refusal:
            return refusal
        await asyncio.sleep(faults.options.latency.draw_s(self._upstream.chance))
        if lost := faults.first(LOSSES_BEFORE, call.kind):
            return await self._lose(request, entry, lost)
        if call.problem:
            return replies.error(400, call.problem)
        reply = self._reply(call, entry)
        if lost := faults.first(LOSSES_AFTER, call.kind):
            return await self._lose(request, entry, lost)
        if reply is None:
            return replies.error(404, "Validation request not found")
        entry.fault = faults.first(BODIES, call.kind)
        return await replies.send(
            request, reply.status, reply.payload, entry.fault, faults.options, self._upstream.chance
        )

    def _refusal(self, request: web.Request, entry: Entry) -> web.Response | None:
        """401, 403 or 429, by right or by fault; None for a request that may go on."""
        options = self._upstream.faults.options
        if not self._knows_key_of(request):
            return replies.error(401, "Unauthorized")
        entry.fault = self._upstream.faults.first(REFUSALS, entry.kind)
        if entry.fault == "http401":
            return replies.error(401, "Unauthorized")
        if entry.fault == "http403":
            return replies.error(403, "Forbidden")
        if entry.fault == "http429" or not self._upstream.ledger.has_room(options.rate):
            return replies.error(429, "Too Many Requests", options.retry_after.headers())
        return None

    def _knows_key_of(self, request: web.Request) -> bool:
        """Whether the request has the key, as a bearer token or as `appid`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else request.query.get("appid", "")
        return key == self._upstream.key if self._upstream.key is not None else bool(key)

    async def _lose(self, request: web.Request, entry: Entry, fault: str) -> web.StreamResponse:
        entry.fault = fault
        return await replies.lose(request, fault, self._upstream.faults.options)
