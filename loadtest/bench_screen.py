"""How fast are requests screened as NDJSON, beside `/v1/stream` of the same numbers as NDJSON?

    python -m loadtest.bench_screen --count 200000 --rounds 5

Two numbers make a request. Goal: screening N requests takes at most five times as long as N lines of
`/v1/stream` with a number each. Requests are those of one program: alike but for numbers and a text; and, the
worst case, each with another URL, so that nothing of them can be read at once. The service has one core to
itself, the client another where there is one. Health checks go on in every second round.
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


def as_requests(texts: Sequence[str], are_alike: bool = True) -> bytes:
    """Requests for calls, each with two of the numbers."""
    lines = []
    for number, (caller, to) in enumerate(zip(texts[::2], texts[1::2], strict=True)):
        url = "https://example.com/status" + ("" if are_alike else f"/{number}")
        request = {"from": caller, "to": to, "callback_url": url, "timeout": 30, "tag": f"call {number}"}
        lines.append(orjson.dumps(request))
    return b"\n".join(lines)


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
    numbers = run.corpus.with_name("numbers")
    numbers.write_bytes(as_ndjson(texts))
    kinds = {"alike": run.corpus.with_name("alike"), "each of its own": run.corpus.with_name("unlike")}
    for kind, file in kinds.items():
        file.write_bytes(as_requests(texts, kind == "alike"))
    screened: dict[str, list[float]] = {kind: [] for kind in kinds}
    plain: list[float] = []
    health_s: list[float] = []
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)
    async with service(run.corpus.parent, cores[-1]) as (url, process_id):
        for number in range(run.rounds + 1):
            plain.append(await rate(url, STREAM, numbers, len(texts)))
            checks = asyncio.create_task(health_checks(url, health_s)) if number % 2 else None
            for kind, file in kinds.items():
                screened[kind].append(await rate(url, SCREEN, file, len(texts) // 2))
            if checks is not None:
                checks.cancel()
        memory_mb = highest_resident_mb(process_id)
    # The first round warms up.
    lines_per_s = median(plain[1:])
    print(f"{STREAM}: {lines_per_s:,.0f} lines/s")
    for kind, rates in screened.items():
        per_s = median(rates[1:])
        print(
            f"{SCREEN}, {kind}: {per_s:,.0f} requests/s; requests to lines {per_s / lines_per_s:.2f} "
            f"(goal: 0.20), number for number {2 * per_s / lines_per_s:.2f}"
        )
    p99_ms, worst_ms = quantiles(health_s, n=100)[98] * 1e3, max(health_s) * 1e3
    print(f"{len(health_s)} health checks: p99 {p99_ms:.1f} ms, worst {worst_ms:.1f} ms; {memory_mb:.0f} MB")


def main() -> None:
    """Measure, and print."""
    with run_of_arguments(__doc__) as run:
        asyncio.run(measure(run))


if __name__ == "__main__":
    main()
