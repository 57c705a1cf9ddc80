"""Figures of paid lookups: throughput at the upstream's rate limit, and cached answers a second.

Run: `python -m loadtest.bench_lookups [--rate 5] [--seconds 60] [--cached 1000000]`. It starts a Valkey and
an emulator of the upstream on loopback, measures, and ends them.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop
from redis.asyncio import Redis

from validator_svc.config import Settings, load_settings
from validator_svc.embedded import embedded_valkey
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.line_ends import count_line_ends
from validator_svc.lookup import keys
from validator_svc.lookup.answer_cache import Paid
from validator_svc.lookup.engine import Engine, lookup_engine
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.resolver import Resolver
from validator_svc.upstreams.outcome import LiveAnswer, Outcome

LATENCY = "200ms"
AT_ONCE = 1_000
ROUNDS = 3
CLOCKS = ("the clock", "processor time")


def numbers(count: int) -> list[str]:
    """Valid mobile numbers, each different."""
    return [f"+62812{n:08}" for n in range(count)]


async def in_blocks(texts: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    """As a request brings them: a thousand at a time."""
    for start in range(0, len(texts), AT_ONCE):
        yield texts[start : start + AT_ONCE]


async def resolved(resolver: Resolver, texts: Sequence[str]) -> int:
    """Resolve all; returns how many lines came."""
    lines = 0
    async for piece in resolver.lines(in_blocks(texts), Wanted("analysis")):
        lines += count_line_ends(piece)
    return lines


def settings(url: str, sync_max: int, rate_per_s: float) -> Settings:
    """The service's defaults, at this rate."""
    os.environ |= {
        "VALIDATOR_WAVIX_URL": url,
        "VALIDATOR_WAVIX_APPID": "any",
        "VALIDATOR_WAVIX_RATE": str(rate_per_s),
        "VALIDATOR_WAVIX_CONCURRENCY": "20",
        "VALIDATOR_WAVIX_SYNC_MAX": str(sync_max),
    }
    return load_settings()


@contextlib.asynccontextmanager
async def emulator() -> AsyncIterator[str]:
    """An emulator in a process of its own, as an upstream is; yields its URL."""
    command = [
        sys.executable,
        "-m",
        "loadtest.wavix_emulator",
        "--port",
        "0",
        "--fault",
        f"latency={LATENCY}",
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    # It has a machine of its own: how busy this one is must not keep it from noting when requests arrive.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(1))
    try:
        line = (await process.stdout.readline()).decode()
        yield next(word for word in line.split() if word.startswith("http://"))
    finally:
        process.terminate()
        await process.wait()


async def ledger_of(url: str) -> dict[str, Any]:
    """What the emulator counted."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/emulator/ledger") as response:
        ledger = orjson.loads(await response.read())
        assert isinstance(ledger, dict)
        return ledger


async def at_the_limit(redis: Redis, rate_per_s: int, seconds: int, sync_max: int) -> None:
    """How near to the rate limit a list comes that takes about so long; the emulator counts for itself."""
    # A job takes two requests: one that starts it, and a poll at the least.
    count = rate_per_s * seconds * AT_ONCE // (1 if sync_max == AT_ONCE else 2)
    await redis.flushall()
    async with emulator() as url:
        classifier = Classifier()
        async with lookup_engine(settings(url, sync_max, rate_per_s), redis, classifier.region_of) as engine:
            resolver = Resolver(classifier, engine.cache, engine.lookups)
            resolver.classifier.lines(numbers(1), "format")  # a service that runs has compiled the plan
            began_s = time.perf_counter()
            assert await resolved(resolver, numbers(count)) == count
            took_s = time.perf_counter() - began_s
        ledger = await ledger_of(url)
    assert ledger["billed_total"] == ledger["distinct_numbers"] == count
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(ledger["requests_by_kind"].items()))
    # The last request leaves (n - 1) intervals after the first, and its answer takes the latency.
    ideal_s = (ledger["requests_total"] - 1) / rate_per_s + 0.2
    print(
        f"sync up to {sync_max:>4}: {count:,} numbers in {took_s:.2f} s, {count / took_s:,.0f}/s; {kinds}; "
        f"{ideal_s / took_s:.1%} of what {rate_per_s}/s allows these requests; "
        f"busiest second {ledger['busiest_second']}"
    )
    assert ledger["busiest_second"] <= rate_per_s


async def cached(redis: Redis, engine: Engine, classifier: Classifier, count: int) -> None:
    """Answers from the cache a second, beside a bare pipelined MGET of the same keys."""
    texts = numbers(count)
    answer = LiveAnswer(time.time_ns() // 1_000_000, True, False, "510", "10", "mobile", "Telkomsel", False)
    for start in range(0, count, AT_ONCE):
        paid = {text[1:]: Paid(Outcome(answer, None, "wavix")) for text in texts[start : start + AT_ONCE]}
        await engine.cache.write("analysis", paid)
    resolver = Resolver(classifier, engine.cache, engine.lookups)

    async def through_the_resolver() -> None:
        assert await resolved(resolver, texts) == count

    async def bare() -> None:
        names = [keys.live("analysis", text[1:]) for text in texts]
        for start in range(0, count, AT_ONCE * 8):
            async with redis.pipeline(transaction=False) as pipe:
                for part in range(start, min(start + AT_ONCE * 8, count), AT_ONCE):
                    pipe.mget(names[part : part + AT_ONCE])
                await pipe.execute()

    resolver_took, bare_took = [], []
    for _ in range(ROUNDS):
        resolver_took.append(await timed(through_the_resolver))
        bare_took.append(await timed(bare))
    took = zip(CLOCKS, zip(*resolver_took, strict=True), zip(*bare_took, strict=True), strict=True)
    for clock, ours, theirs in took:
        ours_s, mget_s = statistics.median(ours), statistics.median(theirs)
        print(
            f"cached, by {clock}: {count:,} numbers at {count / ours_s:,.0f}/s through the resolver, "
            f"{count / mget_s:,.0f}/s bare MGET: {mget_s / ours_s:.2f} of it (medians of {ROUNDS} rounds)"
        )


async def timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Seconds that the work takes, and those of them in which this process had a processor."""
    began_s, began_working_s = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - began_s, time.process_time() - began_working_s


async def main(rate_per_s: int, seconds: int, cached_count: int) -> None:
    """All figures, of a process that is as the service's."""
    spare_what_is_loaded()
    with tempfile.TemporaryDirectory() as folder, embedded_valkey(Path(folder)) as url:
        redis = connect(url)
        if seconds:
            for sync_max in (100, AT_ONCE):
                await at_the_limit(redis, rate_per_s, seconds, sync_max)
        if cached_count:
            classifier = Classifier()
            nowhere = settings("http://127.0.0.1:9", AT_ONCE, rate_per_s)
            async with lookup_engine(nowhere, redis, classifier.region_of) as engine:
                await cached(redis, engine, classifier, cached_count)
        await redis.aclose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=5, help="requests a second")
    parser.add_argument("--seconds", type=int, default=0, help="of each run at the rate limit; 0: none")
    parser.add_argument("--cached", type=int, default=1_000_000)
    arguments = parser.parse_args()
    uvloop.run(main(arguments.rate, arguments.seconds, arguments.cached))
