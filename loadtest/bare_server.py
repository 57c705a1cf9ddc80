"""A bare aiohttp handler that returns the same bytes (`python -m loadtest.bare_server FILE PORT`)."""

import asyncio
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from validator_svc.gc_tuning import keep_heap_small, spare_what_is_loaded


async def serve(body: bytes, port: int) -> None:
    """Serve for ever."""
    keep_heap_small()
    spare_what_is_loaded()

    async def handle(request: web.Request) -> web.Response:
        if request.can_read_body:
            await request.read()
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/v1/validation", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]).read_bytes(), int(sys.argv[2])))
