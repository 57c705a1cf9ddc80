"""A TCP relay to a store, whose connections can go silent (open, but nothing passes), or be slow or TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path


class Relay:
    """Passes bytes both ways; connections that are there when it falls `silent` never pass any more."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.port = 0
        self.delay_s = 0.0
        """How long each answer is held back."""
        self._silent: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def fall_silent(self) -> int:
        """Let the connections of now go silent; new ones pass. Returns how many fell silent."""
        self._silent |= self._open
        return len(self._silent)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        from_store, to_store = await asyncio.open_unix_connection(self.socket)
        self._open.add(writer)
        try:
            await asyncio.gather(
                self._pass(reader, to_store, writer), self._pass(from_store, writer, writer, is_answer=True)
            )
        finally:
            self._open.discard(writer)
            for each in (writer, to_store):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()

    async def end(self) -> None:
        """End all connections."""
        for writer in list(self._open):
            writer.transport.abort()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _pass(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        of: asyncio.StreamWriter,
        is_answer: bool = False,
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                if is_answer and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if of not in self._silent:
                    sink.write(data)
                    await sink.drain()
        if of not in self._silent:
            sink.close()


@contextlib.asynccontextmanager
async def relayed(socket: Path, tls: ssl.SSLContext | None = None) -> AsyncIterator[Relay]:
    """A relay to the store at a socket; `tls`: what it speaks to its own side."""
    relay = Relay(socket)
    server = await asyncio.start_server(relay._serve, "127.0.0.1", 0, ssl=tls)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.end()
