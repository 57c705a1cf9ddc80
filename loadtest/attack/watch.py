"""Watching a service from a process of its own: how long `/healthz` takes, and how much memory it has."""

import http.client
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from tests import memory

LOOK_S = 0.01
ANSWER_S = 60.0


class Seen(NamedTuple):
    """What was seen while an attack ran."""

    p99_ms: float
    longest_ms: float
    peak_mib: int
    """Resident memory of the service and of the processes that it started, its Valkey left out."""
    failures: int
    """Times that `/healthz` did not answer 200."""


class Watch:
    """The answer of the watching process, once it has been asked to stop."""

    seen: Seen


@contextmanager
def watched(port: int, pid: int) -> Iterator[Watch]:
    """Watch the service for as long as the block; `seen` is there afterwards."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=look, args=(port, pid, theirs), daemon=True)
    process.start()
    # Its end is open here too, and with that a process that ended would never be noticed.
    theirs.close()
    assert ours.recv() == "looking"
    watch = Watch()
    try:
        yield watch
    finally:
        ours.send("stop")
        watch.seen = ours.recv()
        process.join()


def look(port: int, pid: int, pipe: Connection) -> None:
    """Ask at least once, and again and again until told to stop, then say what was seen."""
    took_ms: list[float] = []
    peak_kb = failures = 0
    pipe.send("looking")
    # An attack may be over before the first answer is there.
    while not took_ms or not pipe.poll(LOOK_S):
        began_s = time.perf_counter()
        failures += not is_well(port)
        took_ms.append((time.perf_counter() - began_s) * 1_000)
        peak_kb = max(peak_kb, resident_kb(pid))
    p99_ms = quantiles(took_ms, n=100, method="inclusive")[-1] if len(took_ms) > 1 else took_ms[0]
    pipe.send(Seen(p99_ms, max(took_ms), peak_kb // 1024, failures))


def is_well(port: int) -> bool:
    """Whether `/healthz` answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def resident_kb(pid: int) -> int:
    """Resident memory of a process and of its children, but for the embedded Valkey."""
    try:
        return sum(map(own_kb, [pid, *memory.children_of(pid)]))
    except OSError:
        return 0


def own_kb(pid: int) -> int:
    """Resident memory of one process; 0 for the embedded Valkey, and for one that is gone."""
    try:
        is_store = Path(f"/proc/{pid}/comm").read_text().startswith("valkey")
        return 0 if is_store else memory.resident_kb(pid)
    except OSError:
        return 0
