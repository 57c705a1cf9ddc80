"""A bounded load on this machine, and a report of it: three consumers, a bare handler beside, memory.

    python -m loadtest.load --seconds 60

Starts the upstream emulator and a service of two processes, has locust's three consumers ask it, and looks at
the memory of each process meanwhile. Writes `build/load/report.html` with plots, and beside the load what a
bare aiohttp handler does, what a stream and a batch of a million rows take.
"""

import argparse
import asyncio
import contextlib
import csv
import html
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import uvloop

from loadtest import bench_large, bench_single
from loadtest.beside import Beside
from loadtest.plots import Points, plot
from loadtest.wavix_emulator import Emulator
from tests.memory import children_of, resident_kb
from tests.service import Service, running
from tests.store import running_store

KEY = "an-account-key"
ROWS = 1_000_000
LOOK_S = 1.0
Plots = dict[str, Points]


class Emulating:
    """The emulator, in a thread with an event loop of its own."""

    def __init__(self) -> None:
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    async def _run(self) -> None:
        async with Emulator(key=KEY, seed=1, faults={"latency": "30ms"}) as emulator:
            self.url = emulator.url
            self._ready.set()
            await self._end.wait()

    def __enter__(self) -> "Emulating":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()


class Memory(Beside):
    """Looks at the memory of the processes of a service, in a thread, for as long as the block."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        pid = service.process.pid
        self.seen: dict[int, list[tuple[float, float]]] = {each: [] for each in (pid, *children_of(pid))}
        self._began_s = time.monotonic()

    def run(self) -> None:
        """Look over and over."""
        while not self.ends.wait(LOOK_S):
            for pid, points in self.seen.items():
                with contextlib.suppress(OSError):
                    resident_mb = resident_kb(pid) / 1024
                    points.append((time.monotonic() - self._began_s, resident_mb))

    def plots(self) -> Plots:
        """Megabytes over time, of each process."""
        return {f"process {at}": points for at, points in enumerate(self.seen.values(), 1)}


def loaded(service: Service, seconds: int, users: int, folder: Path) -> None:
    """Have locust's consumers ask; its figures are in `folder` then."""
    arguments = ["--headless", "-u", str(users), "-r", str(users), "-t", f"{seconds}s", "--only-summary"]
    written = ["--csv", str(folder / "load"), "--csv-full-history", "--host", service.url]
    file = str(Path(__file__).with_name("locustfile.py"))
    command = [sys.executable, "-m", "locust", "-f", file, *arguments, *written, "--exit-code-on-error", "0"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def over_time(history: Path) -> tuple[Plots, Plots]:
    """Requests a second, and latencies in milliseconds, of all together."""
    rates: Plots = {"answered": [], "failed": []}
    took: Plots = {"p50": [], "p95": [], "p99": []}
    rows = [row for row in csv.DictReader(history.open()) if row["Name"] == "Aggregated"]
    first_s = float(rows[0]["Timestamp"]) if rows else 0.0
    for row in rows:
        at_s = float(row["Timestamp"]) - first_s
        add(rates["answered"], at_s, row["Requests/s"])
        add(rates["failed"], at_s, row["Failures/s"])
        for name, column in (("p50", "50%"), ("p95", "95%"), ("p99", "99%")):
            add(took[name], at_s, row[column])
    return rates, took


def add(points: Points, at_s: float, value: str) -> None:
    """Add a figure, if there is one."""
    if value not in ("", "N/A"):
        assert isinstance(points, list)
        points.append((at_s, float(value)))


def table(stats: Path) -> str:
    """What locust counted, as rows of a table."""
    names = ("Name", "Request Count", "Failure Count", "Requests/s", "50%", "95%", "99%")
    rows = [[row[name] for name in names] for row in csv.DictReader(stats.open())]
    cells = ["".join(f"<td>{html.escape(shown(cell))}</td>" for cell in row) for row in rows]
    heads = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><tr>{heads}</tr>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def failed(failures: Path) -> list[str]:
    """What locust saw fail, and how often."""
    return [
        f"{row['Occurrences']} x {row['Name']}: {row['Error']}" for row in csv.DictReader(failures.open())
    ] or ["nothing failed"]


def shown(cell: str) -> str:
    """A figure with as many digits as can be read."""
    return f"{float(cell):,.1f}" if re.fullmatch(r"\d+\.\d+", cell) else cell


async def stream_per_s(url: str) -> float:
    """Records a second of one stream, which is read while it is sent."""

    async def body() -> AsyncIterator[bytes]:
        for block in bench_large.blocks(ROWS):
            yield block

    lines = 0
    began_s = time.perf_counter()
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as client,
        client.post(f"{url}/v1/stream?type=format", data=body(), headers={"Content-Type": "text/csv"}) as got,
    ):
        async for piece in got.content.iter_any():
            lines += piece.count(b"\n")
    assert lines == ROWS, f"{lines:,} records for {ROWS:,} rows"
    return ROWS / (time.perf_counter() - began_s)


def batch_per_s(service: Service) -> float:
    """Rows a second of one batch, from the upload to its end."""
    began_s = time.perf_counter()
    bench_large.await_end(service, bench_large.uploaded(service, ROWS))
    return ROWS / (time.perf_counter() - began_s)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Service]:
    """A service of two processes with an upstream."""
    with running_store() as store, Emulating() as upstream:
        settings = {
            "REDIS_URL": store.url,
            "VALIDATOR_WORKERS": "2",
            "VALIDATOR_WAVIX_URL": upstream.url,
            "VALIDATOR_WAVIX_APPID": KEY,
            "VALIDATOR_WAVIX_RATE": "50",
        }
        with running(folder, **settings) as service:
            yield service


def beside_a_bare_handler() -> str:
    """What `bench_single` says."""
    out = io.StringIO()
    given = argparse.Namespace(rounds=5, seconds=1.5)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        uvloop.run(bench_single.measured(given, Path(folder)))
    return out.getvalue()


def report(seconds: int, users: int, target: Path) -> None:
    """Measure, and write the report."""
    target.mkdir(parents=True, exist_ok=True)
    bare = beside_a_bare_handler()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
        with Memory(service) as memory:
            loaded(service, seconds, users, target)
            rates = [f"one stream: {asyncio.run(stream_per_s(service.url)):,.0f} records a second"]
            rates.append(f"one batch: {batch_per_s(service):,.0f} rows a second")
        plots = memory.plots()
    answered, took = over_time(target / "load_stats_history.csv")
    failures = failed(target / "load_failures.csv")
    peaks = {name: max(value for _, value in points) for name, points in plots.items() if points}
    highest = [f"{name}: {peak:.0f} MB" for name, peak in peaks.items()]
    body = [
        "<h1>Load on one machine</h1>",
        f"<p>{seconds} s, {users} users of locust, two processes, load average {os.getloadavg()[0]:.1f}</p>",
        table(target / "load_stats.csv"),
        "".join(f"<p>{html.escape(each)}</p>" for each in failures),
        plot("Throughput", "requests a second", answered),
        plot("Latency", "ms", took),
        plot("Memory", "MB", plots),
        f"<p>Highest: {'; '.join(highest)}</p>",
        "<h2>By themselves</h2>" + "".join(f"<p>{rate}</p>" for rate in rates),
        f"<h2>Beside a bare aiohttp handler</h2><pre>{html.escape(bare)}</pre>",
    ]
    page = "<!doctype html><meta charset=utf-8><title>Load</title>" + "\n".join(body)
    (target / "report.html").write_text(page, encoding="utf-8")
    print(f"{bare}\n" + "\n".join([*failures, *rates, *highest, f"report: {target / 'report.html'}"]))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--users", type=int, default=32)
    parser.add_argument("--target", type=Path, default=Path("build/load"))
    given = parser.parse_args()
    report(given.seconds, given.users, given.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
