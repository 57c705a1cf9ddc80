"""How fast is `/v1/stream` over loopback, beside the same work in-process; does the service stay awake?

    python -m loadtest.bench_stream --count 1000000 --rounds 5

The service has one core to itself, and so has the in-process run in its turn; the client that sends
the corpus and reads the records takes another where there is one. Health checks go on meanwhile.
"""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from loadtest.bench.rounds import Contestant
from loadtest.bench.run import Run, run_of_arguments
from validator_svc.kernel import HAS_NATIVE

HEALTH_CHECK_EVERY_S = 0.02
START_LIMIT_S = 20
PIECE = 64 * 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def service(data_dir: Path, core: int) -> AsyncIterator[str]:
    """The service in a process on one core; yields its URL."""
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
        yield url
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


async def pieces(corpus: Path) -> AsyncIterator[bytes]:
    with corpus.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


async def streamed(url: str, corpus: Path, count: int) -> float:
    """Send all and read all; returns numbers a second."""
    began_s = time.perf_counter()
    lines = 0
    async with (
        aiohttp.ClientSession(read_bufsize=2**20) as client,
        client.post(f"{url}/v1/stream?type=analysis", data=pieces(corpus)) as response,
    ):
        async for piece in response.content.iter_any():
            lines += piece.count(b"\n")
    assert lines == count, f"{lines} records for {count} numbers"
    return count / (time.perf_counter() - began_s)


async def health_checks(url: str, took_s: list[float]) -> None:
    """Ask again and again how the service is."""
    async with aiohttp.ClientSession() as client:
        while True:
            began_s = time.perf_counter()
            async with client.get(f"{url}/healthz") as response:
                await response.read()
            took_s.append(time.perf_counter() - began_s)
            await asyncio.sleep(HEALTH_CHECK_EVERY_S)


async def measure(run: Run) -> None:
    """Alternate in-process and streamed rounds, and print the figures."""
    cores = sorted(os.sched_getaffinity(0))
    corpus, count, folder = run.corpus, run.count, run.corpus.parent
    loop = "native" if HAS_NATIVE else "python"
    command = [sys.executable, "-m", "loadtest.bench.ours", str(corpus), str(count), loop]
    inside = Contestant("in-process", command, cores[-1])
    inside.wait_until_ready()
    os.sched_setaffinity(0, cores[:-1] or cores)
    figures: list[float] = []
    alone: list[float] = []
    took_s: list[float] = []
    async with service(folder, cores[-1]) as url:
        await streamed(url, corpus, count)
        for _ in range(run.rounds):
            inside.round()
            alone.append(await streamed(url, corpus, count))
            checks = asyncio.create_task(health_checks(url, took_s))
            figures.append(await streamed(url, corpus, count))
            checks.cancel()
    inside.end()
    print(f"in-process          {median(inside.figures):12,.0f}/s")
    for name, each in (("/v1/stream", alone), ("... health checked", figures)):
        ratio = median(each) / median(inside.figures)
        print(f"{name:20}{median(each):12,.0f}/s   {ratio:.2f} of in-process (goal: 0.50)")
    p99_ms = quantiles(took_s, n=100)[98] * 1e3
    worst_ms = max(took_s) * 1e3
    print(f"{len(took_s)} health checks: p99 {p99_ms:.1f} ms (goal: under 50), worst {worst_ms:.1f} ms")


def main() -> None:
    with run_of_arguments(__doc__) as run:
        asyncio.run(measure(run))


if __name__ == "__main__":
    main()
