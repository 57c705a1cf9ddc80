"""A service that tells how long its event loop is held: `python -m tests.held serve` in place of its own.

How late the loop is by the clock says little on a machine that others use. So of each delay the time does
not count for which the loop's thread could have run and had no processor; and of the rest only so much as
the process itself was running for, in whichever of its threads: what holds the loop, by its own work or by
keeping the interpreter, runs meanwhile.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aiohttp import web

from tests.service import Service, environment
from validator_svc.cli import main
from validator_svc.commands import serve
from validator_svc.config import Settings
from validator_svc.stopping import Stop

BEATS = "TEST_BEATS"
"""The variable that names the file of the beats: for each how long the loop was held, in ms, as a float."""
BEAT_S = 0.002


class Held(NamedTuple):
    """How long the loop was held, in milliseconds, over some time."""

    p99_ms: float
    longest_ms: float


class Beats:
    """Reads the beats of a service."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0

    def since(self) -> Held:
        """What was seen since it was asked the last time."""
        content = self._path.read_bytes()[self._read_bytes :]
        self._read_bytes += len(content)
        held = sorted(array("f", content)) or [0.0]
        return Held(held[-1 - len(held) // 100], held[-1])


@contextlib.contextmanager
def running_held(data_dir: Path, **settings: str) -> Iterator[tuple[Service, Beats]]:
    """A service that is up, with its beats; ends with the block."""
    path = data_dir.with_name("beats")
    path.touch()
    service = Service(
        subprocess.Popen(
            [sys.executable, "-m", "tests.held", "serve"],
            env=environment(data_dir, **settings) | {BEATS: str(path)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
    )
    try:
        service.wait_until_listening()
        yield service, Beats(path)
    finally:
        service.end()


async def beat(file: BinaryIO) -> None:
    """Note each beat of the running loop, for ever."""
    with schedule_of_this_thread() as schedule:
        while True:
            waited_s = without_processor_s(schedule)
            wanted_s, before_s = time.monotonic() + BEAT_S, time.process_time()
            await asyncio.sleep(BEAT_S)
            late_s, ran_s = time.monotonic() - wanted_s, time.process_time() - before_s
            held_s = min(late_s - (without_processor_s(schedule) - waited_s), ran_s)
            file.write(array("f", [max(0.0, held_s * 1_000)]).tobytes())


def schedule_of_this_thread() -> BinaryIO:
    """What Linux tells of when the thread ran."""
    return Path("/proc/thread-self/schedstat").open("rb", buffering=0)


def without_processor_s(schedule: BinaryIO) -> float:
    """For how long a thread could have run and had no processor, in seconds, until now."""
    schedule.seek(0)
    return int(schedule.read().split()[1]) / 1e9


def run(file: BinaryIO) -> None:
    """Serve, with a heart."""
    unwatched = serve.serve_app

    async def watched(app: web.Application, settings: Settings, listener: socket.socket, stop: Stop) -> None:
        heart = asyncio.create_task(beat(file))
        try:
            await unwatched(app, settings, listener, stop)
        finally:
            heart.cancel()

    serve.serve_app = watched
    main()


if __name__ == "__main__":
    with Path(os.environ[BEATS]).open("ab", buffering=0) as beats:
        run(beats)
