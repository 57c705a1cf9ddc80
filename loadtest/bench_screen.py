"""How fast are requests screened as NDJSON, beside `/v1/stream` of the same numbers as NDJSON?

    python -m loadtest.bench_screen --count 200000 --rounds 5

Two numbers make a request. Goal: screening N requests takes at most five times as long as N lines of
`/v1/stream` with a number each. The service has one core to itself, the client another where there is one.
Health checks go on in every second round.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median, quantiles

import aiohttp
import orjson

from loadtest.bench.run import Run, run_of_arguments
from loadtest.bench_kernel import as_ndjson
from loadtest.bench_stream import health_checks, highest_resident_mb, service

NDJSON = {"Content-Type": "application/x-ndjson"}
PIECE_BYTES = 64 * 1024
SCREEN, STREAM = "/v1/screen/wavix-call", "/v1/stream?type=analysis"


def as_requests(texts: Sequence[str]) -> bytes:
    """Requests for calls, each with two of the numbers."""
    more = {"callback_url": "https://example.com/status", "timeout": 30}
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return b"\n".join([orjson.dumps({"from": caller, "to": to} | more) for caller, to in pairs])


async def sent(file: Path) -> AsyncIterator[bytes]:
    """What is in a file."""
    with file.open("rb") as content:
        while piece := content.read(PIECE_BYTES):
            yield piece


async def rate(url: str, path: str, file: Path, rows: int) -> float:
    """Send all and read all; returns rows a second."""
    began_s, lines = time.perf_counter(), 0
    async with (
        aiohttp.ClientSession(url, read_bufsize=2**20, headers=NDJSON) as client,
        client.post(path, data=sent(file)) as response,
    ):
        async for piece in response.content.iter_any():
            lines += piece.count(b"\n")
    assert lines == rows, f"{lines} answers for {rows} rows"
    return rows / (time.perf_counter() - began_s)


async def measure(run: Run) -> None:
    """Alternate screened and plain rounds, and print the figures."""
    texts = run.corpus.read_text().splitlines()
    texts = texts[: len(texts) // 2 * 2]
    requests, numbers = run.corpus.with_name("requests"), run.corpus.with_name("numbers")
    requests.write_bytes(as_requests(texts))
    numbers.write_bytes(as_ndjson(texts))
    screened: list[float] = []
    plain: list[float] = []
    health_s: list[float] = []
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)
    async with service(run.corpus.parent, cores[-1]) as (url, process_id):
        for number in range(run.rounds + 1):
            plain.append(await rate(url, STREAM, numbers, len(texts)))
            checks = asyncio.create_task(health_checks(url, health_s)) if number % 2 else None
            screened.append(await rate(url, SCREEN, requests, len(texts) // 2))
            if checks is not None:
                checks.cancel()
        memory_mb = highest_resident_mb(process_id)
    # The first round warms up.
    per_s, lines_per_s = median(screened[1:]), median(plain[1:])
    print(f"{SCREEN}: {per_s:,.0f} requests/s, {2 * per_s:,.0f} numbers/s")
    print(f"{STREAM}: {lines_per_s:,.0f} lines/s")
    print(
        f"requests to lines {per_s / lines_per_s:.2f} (goal: 0.20), "
        f"number for number {2 * per_s / lines_per_s:.2f}"
    )
    p99_ms, worst_ms = quantiles(health_s, n=100)[98] * 1e3, max(health_s) * 1e3
    print(f"{len(health_s)} health checks: p99 {p99_ms:.1f} ms, worst {worst_ms:.1f} ms; {memory_mb:.0f} MB")


def main() -> None:
    """Measure, and print."""
    with run_of_arguments(__doc__) as run:
        asyncio.run(measure(run))


if __name__ == "__main__":
    main()
