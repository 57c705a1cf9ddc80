"""An emulator of the systems that place calls and send messages: keeps what arrives, answers as they do.

On the command line: `python -m loadtest.call_emulator --port 9092`.
"""

import argparse
import asyncio
import uuid
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from aiohttp import web

Fault = Literal["", "hang", "cut", "half", "http500", "http503", "http429", "http302", "long", "refused"]


class Arrived(NamedTuple):
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class CallEmulator:
    """Any system: `async with CallEmulator() as emulator`. `fault` is what happens to the next requests."""

    def __init__(self) -> None:
        self.url = ""
        self.arrived: list[Arrived] = []
        self.fault: Fault = ""
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Begin to listen on loopback."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Cut every connection and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        is_json = request.content_type == "application/json"
        form = None if is_json else await request.post()
        body = await request.json() if form is None else {name: form.getall(name) for name in form}
        self.arrived.append(Arrived(request.path, dict(request.headers), body))
        fault = self.fault
        if fault in ("cut", "hang", "half"):
            return await self._lost(request, fault)
        if fault == "http302":
            return web.Response(status=302, headers={"Location": f"{self.url}/elsewhere"})
        if fault == "long":
            return web.Response(body=b"x" * 2_000_000)
        if fault == "refused":
            problem = {"success": False, "message": "no such number", "more": [1]}
            return web.json_response(problem, status=422, headers={"X-Request-Id": "7", "Set-Cookie": "a=b"})
        if fault.startswith("http"):
            headers = {"Retry-After": "7"} if fault == "http429" else {}
            return web.json_response(
                {"success": False, "message": fault}, status=int(fault[4:]), headers=headers
            )
        return web.json_response(answer_to(request.path, body), status=201, headers={"X-Request-Id": "8"})

    async def _lost(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """The request arrived; its answer does not, or not as a whole."""
        if fault == "hang":
            await asyncio.sleep(3_600)
        if fault == "half":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b"{")
        assert request.transport
        request.transport.abort()
        return web.Response()


def answer_to(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a system says of a good request."""
    if "Accounts/" in path:
        (to,), (caller,) = body["To"], body["From"]
        return {"sid": f"CA{uuid.uuid4().hex}", "status": "queued", "to": to, "from": caller}
    if path.endswith("messages"):
        return {"message_id": str(uuid.uuid4()), "from": body["from"], "to": body["to"], "status": "accepted"}
    if path.endswith("calls"):
        return {"uuid": str(uuid.uuid4()), "direction": "outbound", "event_type": "call_setup"}
    return {"id": 1}


async def serve(port: int) -> None:
    """Listen until interrupted."""
    emulator = CallEmulator()
    await emulator.start(port)
    print(emulator.url)
    await asyncio.Event().wait()


def main() -> None:
    """The emulator on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9092)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
