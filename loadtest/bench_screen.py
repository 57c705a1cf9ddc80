"""How fast are requests screened as NDJSON, beside `/v1/stream` of the same numbers as NDJSON?

    python -m loadtest.bench_screen --count 200000 --rounds 5

Two numbers make a request. Goal: screening N requests takes at most five times as long as N lines of
`/v1/stream` with a number each. Requests are those of one program: alike but for numbers and a text, or each
with a URL of its own too; and, the worst case, none like another, so that each is read by itself. The service
has one core to itself, the client (`bench.sender`) another where there is one. Health checks go on in every
second round. The service's CPU time is told beside.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import orjson

from loadtest.bench.rounds import Contestant
from loadtest.bench.run import Run, run_of_arguments
from loadtest.bench_kernel import as_ndjson
from loadtest.bench_stream import TARGET, cpu_s, health_checks, service
from tests.memory import highest_kb

SCREEN = "/v1/screen/wavix-call"
ALIKE, OWN_URLS, UNLIKE = "alike", "each with a URL of its own", "none like another"


@dataclass(slots=True)
class Body:
    """A body that is sent again and again."""

    name: str
    target: str
    file: Path
    rows: int
    cpu_s: list[float] = field(default_factory=list)
    """What a round took the service."""

    def sender(self, url: str, core: int) -> Contestant:
        """The client that sends it."""
        command = [sys.executable, "-m", "loadtest.bench.sender", url + self.target, "application/x-ndjson"]
        return Contestant(self.name, [*command, str(self.file), str(self.rows)], core)


def as_requests(texts: Sequence[str], kind: str = ALIKE) -> bytes:
    """Requests for calls, each with two of the numbers."""
    lines = []
    for number, (caller, to) in enumerate(zip(texts[::2], texts[1::2], strict=True)):
        url = "https://example.com/status" + ("" if kind == ALIKE else f"/{number}")
        timeout = 30 if kind != UNLIKE else number % 86_400
        request = {"from": caller, "to": to, "callback_url": url, "timeout": timeout, "tag": f"call {number}"}
        lines.append(orjson.dumps(request))
    return b"\n".join(lines)


def bodies_of(run: Run) -> list[Body]:
    """The corpus as lines and as requests."""
    texts = run.corpus.read_text().splitlines()
    texts = texts[: len(texts) // 2 * 2]
    contents = {
        "": as_ndjson(texts),
        **{kind: as_requests(texts, kind) for kind in (ALIKE, OWN_URLS, UNLIKE)},
    }
    bodies = []
    for place, (name, content) in enumerate(contents.items()):
        file = run.corpus.with_name(f"body.{place}")
        file.write_bytes(content)
        bodies.append(Body(name, SCREEN if name else TARGET, file, len(texts) // (2 if name else 1)))
    return bodies


async def measure(run: Run) -> None:
    """Alternate screened and plain rounds, and print the figures."""
    bodies = bodies_of(run)
    health_s: list[float] = []
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)
    async with service(run.corpus.parent, cores[-1]) as (url, process_id):
        senders = [body.sender(url, cores[0]) for body in bodies]
        for client in senders:
            client.wait_until_ready()
        for number in range(run.rounds):
            checks = asyncio.create_task(health_checks(url, health_s)) if number % 2 else None
            for body, client in zip(bodies, senders, strict=True):
                before_s = cpu_s(process_id)
                await asyncio.to_thread(client.round)
                body.cpu_s.append(cpu_s(process_id) - before_s)
            if checks is not None:
                checks.cancel()
        memory_mb = highest_kb(process_id) / 1024
    show(bodies, senders)
    p99_ms, worst_ms = quantiles(health_s, n=100)[98] * 1e3, max(health_s) * 1e3
    print(f"{len(health_s)} health checks: p99 {p99_ms:.1f} ms, worst {worst_ms:.1f} ms; {memory_mb:.0f} MB")
    for client in senders:
        client.end()


def show(bodies: Sequence[Body], senders: Sequence[Contestant]) -> None:
    """Print what each body came to, beside the first one."""
    lines_per_s = median(senders[0].figures)
    for body, client in zip(bodies, senders, strict=True):
        per_s, cpu_us = median(client.figures), median(body.cpu_s) / body.rows * 1e6
        told = f"{body.target} {body.name}: {per_s:,.0f}/s, {cpu_us:.2f} µs of CPU"
        if body.name:
            ratios = [mine / plain for mine, plain in zip(client.figures, senders[0].figures, strict=True)]
            told += f"; requests to lines {per_s / lines_per_s:.2f} ({min(ratios):.2f} to {max(ratios):.2f}; "
            told += f"goal: 0.20), number for number {2 * per_s / lines_per_s:.2f}"
        print(told)


def main() -> None:
    """Measure, and print."""
    with run_of_arguments(__doc__) as run:
        asyncio.run(measure(run))


if __name__ == "__main__":
    main()
