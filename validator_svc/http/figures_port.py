"""`/metrics` of a process that serves nothing else."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from validator_svc.batches.state import Batches
from validator_svc.config import ConfigError, Settings
from validator_svc.http import figures
from validator_svc.lookup.routes import Routes


@contextlib.asynccontextmanager
async def figures_told(settings: Settings, batches: Batches, routes: Routes | None) -> AsyncIterator[None]:
    """Tell figures where the settings say, for as long as the block. Raises ConfigError."""
    if settings.metrics_port is None:
        yield
        return

    async def answer(request: web.Request) -> web.Response:
        body = await figures.told(batches, routes)
        return web.Response(body=body, headers={"Content-Type": figures.CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/metrics", answer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.metrics_port).start()
        except OSError as error:
            raise ConfigError(f"VALIDATOR_METRICS_PORT: {error.strerror or error}") from None
        yield
    finally:
        await runner.cleanup()
