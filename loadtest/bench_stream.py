"""How fast is `/v1/stream` over loopback, beside the same rows in-process; does the service stay awake?

    python -m loadtest.bench_stream --count 1000000 --rounds 5

Text, NDJSON and CSV of six columns, and texts made to be slow. The service has one core to itself, and so
has the in-process run in its turn; the client (`bench.sender`: it only copies, and is a process of its own)
takes another where there is one. Health checks go on in every second round. The client's and the service's
CPU time is told beside: where the client's comes near to the wall's, it is what is measured.
"""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from loadtest.bench.rounds import Contestant
from loadtest.bench.run import Run, run_of_arguments
from loadtest.bench_kernel import as_csv, as_lines, as_ndjson
from tests.memory import highest_kb

HEALTH_CHECK_EVERY_S = 0.02
START_LIMIT_S = 20
TARGET = "/v1/stream?type=analysis"
CSV_HEADER = b"id,name,phone,address,email,since\r\n"
# On these the patterns of `phonenumbers` work for a second each.
HOSTILE = ("+1212555" + "3" * 30 + " " * 76 + "," * 76 + "-" * 76)[:248]
SHARE_OF_SLOW = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def service(data_dir: Path, core: int) -> AsyncIterator[tuple[str, int]]:
    """The service in a process on one core; yields its URL and the process's id."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = {"VALIDATOR_PORT": str(port), "VALIDATOR_DATA_DIR": str(data_dir)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "validator_svc", "serve"),
        env=os.environ | settings,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # no threads here
    )
    try:
        await asyncio.wait_for(answers(url), START_LIMIT_S)
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


async def answers(url: str) -> None:
    """Wait until the service does."""
    async with aiohttp.ClientSession() as client:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with client.get(f"{url}/healthz"):
                    return
            await asyncio.sleep(0.05)


@dataclass(slots=True)
class Body:
    """One body, sent again and again."""

    name: str
    """The format, as `ours_rows` has it; empty for what is measured over loopback only."""
    media_type: str
    file: Path
    rows: int
    checked: list[float] = field(default_factory=list)
    """Rows a second while health is asked for."""
    health_s: list[float] = field(default_factory=list)
    cpu_s: list[tuple[float, float]] = field(default_factory=list)
    """What a round took the service and the client."""


def bodies_of(run: Run) -> list[Body]:
    """The corpus in each format, and the texts made to be slow."""
    texts = run.corpus.read_text().splitlines()
    slow = [HOSTILE + end for end in "t\u017f9"] * (len(texts) // SHARE_OF_SLOW)
    contents = {
        ("text", "text/plain"): as_lines(texts),
        ("ndjson", "application/x-ndjson"): as_ndjson(texts),
        ("csv", "text/csv"): CSV_HEADER + as_csv(texts),
        ("", "text/plain"): as_lines(slow),
    }
    bodies: list[Body] = []
    for (name, media_type), content in contents.items():
        file = run.corpus.with_name(f"rows.{name}")
        file.write_bytes(content)
        bodies.append(Body(name, media_type, file, len(texts) if name else len(slow)))
    return bodies


async def health_checks(url: str, took_s: list[float]) -> None:
    """Ask again and again how the service is."""
    async with aiohttp.ClientSession() as client:
        while True:
            began_s = time.perf_counter()
            async with client.get(f"{url}/healthz") as response:
                await response.read()
            took_s.append(time.perf_counter() - began_s)
            await asyncio.sleep(HEALTH_CHECK_EVERY_S)


def contestant(body: Body, core: int) -> Contestant:
    """The same rows in-process."""
    file = body.file
    if body.name == "csv":
        file = file.with_name("rows.csv.headless")
        file.write_bytes(body.file.read_bytes().removeprefix(CSV_HEADER))
    command = [sys.executable, "-m", "loadtest.bench.ours_rows", body.name, str(file), str(body.rows)]
    return Contestant(body.name, command, core)


def sender(body: Body, url: str, core: int) -> Contestant:
    """The client that sends the body."""
    command = [sys.executable, "-m", "loadtest.bench.sender", url + TARGET, body.media_type]
    return Contestant(body.name, [*command, str(body.file), str(body.rows)], core)


async def measure(run: Run) -> None:
    """Alternate in-process and streamed rounds, and print the figures."""
    cores = sorted(os.sched_getaffinity(0))
    bodies = bodies_of(run)
    inside = {body.name: contestant(body, cores[-1]) for body in bodies if body.name}
    for each in inside.values():
        each.wait_until_ready()
    os.sched_setaffinity(0, cores[:-1] or cores)
    async with service(run.corpus.parent, cores[-1]) as (url, process_id):
        senders = {body.name: sender(body, url, cores[0]) for body in bodies}
        for client in senders.values():
            client.wait_until_ready()
        for _ in range(run.rounds):
            for body in bodies:
                if body.name:
                    inside[body.name].round()
                await one_round(body, senders[body.name], url, process_id)
        memory_mb = highest_kb(process_id) / 1024
    for body in bodies:
        show(body, senders[body.name], inside.get(body.name))
    print(f"memory of the service at most {memory_mb:.0f} MB (goal: under 120)")
    for each in (*inside.values(), *senders.values()):
        each.end()


async def one_round(body: Body, client: Contestant, url: str, process_id: int) -> None:
    """Send the body twice: undisturbed, and while health is asked for."""
    before = cpu_s(process_id), cpu_s(client.process.pid)
    client.round()
    after = cpu_s(process_id), cpu_s(client.process.pid)
    body.cpu_s.append((after[0] - before[0], after[1] - before[1]))
    checks = asyncio.create_task(health_checks(url, body.health_s))
    await asyncio.to_thread(client.round)
    checks.cancel()
    body.checked.append(client.figures.pop())


def cpu_s(process_id: int) -> float:
    """What a process took so far, in its own code and in the system's."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(body: Body, client: Contestant, inside: Contestant | None) -> None:
    """What was measured of one body."""
    over_loopback = median(client.figures)
    alone = median(inside.figures) if inside else 0
    ratio = f"{over_loopback / alone:.2f} of {alone:,.0f}/s in-process (goal: 0.50)" if inside else ""
    print(f"/v1/stream, {body.name or 'made to be slow':16}{over_loopback:12,.0f} rows/s   {ratio}")
    service_s, client_s = (median(taken) for taken in zip(*body.cpu_s, strict=True))
    taken = f"{service_s:.2f} s of CPU of the service, {client_s:.2f} of the client"
    print(f"    of {body.rows / over_loopback:.2f} s: {taken}")
    p99_ms, worst_ms = quantiles(body.health_s, n=100)[98] * 1e3, max(body.health_s) * 1e3
    checks = (
        f"{len(body.health_s)} health checks: p99 {p99_ms:.1f} ms (goal: under 20), worst {worst_ms:.1f} ms"
    )
    print(f"    health checked {median(body.checked):21,.0f} rows/s   {checks}")


def main() -> None:
    with run_of_arguments(__doc__) as run:
        asyncio.run(measure(run))


if __name__ == "__main__":
    main()
