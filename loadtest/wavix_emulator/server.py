"""The emulator as a server on a port."""

from types import TracebackType
from typing import Self

from aiohttp import web

from loadtest.wavix_emulator.admin import Admin
from loadtest.wavix_emulator.api import Api
from loadtest.wavix_emulator.upstream import Upstream

MAX_BODY_BYTES = 16_000_000
# A hanging or dribbling reply never ends by itself: do not wait for it.
SHUTDOWN_S = 0.1


class Emulator(Upstream):
    """An upstream that listens: `async with Emulator(faults={"http500": "0.1"}) as emulator`.

    Takes what `Upstream` takes. `url` is set from `start` on. It listens on a free loopback port
    unless told otherwise.
    """

    url = ""
    api = Api
    _runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen; port 0 takes a free one. Raises OSError when the address cannot be had."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        self.api(self).add_routes(app)
        Admin(self).add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Cut every connection and stop listening. The ledger stays readable."""
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
