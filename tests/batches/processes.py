"""Services and workers that share one store and one folder of segments, to be killed and started."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from tests.service import Service, command, environment, start


class Worker(Service):
    """A running `validator-svc worker` or `watch`."""

    def _read_log(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line)
            with contextlib.suppress(orjson.JSONDecodeError):
                if orjson.loads(line).get("event") == "working":
                    self.url = "working"
                    self._listening.set()
        self._listening.set()

    def _figures(self, admin_key: str) -> bytes:
        """It has no address where they could be asked for."""
        return b""


class Processes:
    """Starts processes with the same settings; ends all at its end."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.settings = settings
        self.running: list[Service] = []
        self.before_exec: Callable[[], None] | None = None
        """What a worker's process does before it becomes one."""

    def serve(self, **more: str) -> Service:
        """Start a service and wait until it listens."""
        return self._up(start(self.data_dir, **(self.settings | more)))

    def worker(self, **more: str) -> Worker:
        """Start a worker and wait until it works."""
        return self._worker(["worker"], more)

    def watch(self, folder: Path, **more: str) -> Worker:
        """Start a watcher of a drop folder and wait until it watches."""
        return self._worker(["watch", str(folder)], more)

    def _worker(self, arguments: list[str], more: dict[str, str]) -> Worker:
        process = subprocess.Popen(
            command(*arguments),
            env=environment(self.data_dir, **(self.settings | more)),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            preexec_fn=self.before_exec,  # noqa: PLW1509
        )
        worker = Worker(process)
        self._up(worker)
        return worker

    def _up(self, service: Service) -> Service:
        self.running.append(service)
        service.wait_until_listening()
        return service

    def end(self) -> None:
        """End whatever still runs."""
        for service in self.running:
            service.end()


@contextlib.contextmanager
def processes(data_dir: Path, **settings: str) -> Iterator[Processes]:
    """Processes that end with the block."""
    group = Processes(data_dir, **settings)
    try:
        yield group
    finally:
        group.end()
