"""How far a file is, told beside where its results will be."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import structlog

from validator_svc.dropbox.disk import Disk
from validator_svc.dropbox.outbox import put_lightly

log = structlog.get_logger()

WRITE_S = 1.0

State = dict[str, object]


class Progress:
    """Keeps `NAME.progress.json` up to date. What cannot be written now is written a second later."""

    def __init__(self, disk: Disk, path: Path, mark: str, name: str) -> None:
        self.disk = disk
        self.path = path
        self.mark = mark
        self._name = name
        self._state: State = {"status": "reading"}
        self._waits_for = ""
        self._written = b""
        self._is_told = True
        self._lock = asyncio.Lock()

    def show(self, state: State) -> None:
        """Say how far the file is."""
        self._state = state
        self._waits_for = ""
        self._is_told = True

    def wait(self, why: str) -> None:
        """Say what the file waits for."""
        self._waits_for = why
        self._is_told = True

    @contextlib.asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Write it every second for as long as the block; the file stays as it then is."""
        stop = asyncio.Event()
        writing = asyncio.create_task(self._write(stop))
        try:
            yield
        finally:
            stop.set()
            # Not cancelled: a write that goes on in its thread would bring the file back after its removal.
            await asyncio.shield(writing)

    async def remove(self) -> None:
        """Tell nothing more, before the answer appears; until there is something to say again.

        Raises OSError.
        """
        self._is_told = False
        # A write that goes on in its thread would bring the file back.
        async with self._lock:
            self._written = b""
            await self.disk.run(lambda: self.path.unlink(missing_ok=True))

    async def _write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with self._lock:
                await self._write_once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WRITE_S)

    async def _write_once(self) -> None:
        data = self._data()
        if not self._is_told or data == self._written:
            return
        try:
            await self.disk.run(lambda: put_lightly(self.path, self.mark, data))
            self._written = data
        except OSError as error:
            log.info("progress_not_written", file=self._name, why=error.strerror)

    def _data(self) -> bytes:
        waiting = {"status": "waiting", "why": self._waits_for} if self._waits_for else {}
        return orjson.dumps({"file": self._name} | self._state | waiting, option=orjson.OPT_APPEND_NEWLINE)
