"""Mixed load with faults for a long time, and whether anything was lost, doubled, overpaid or leaked.

    python -m loadtest.soak --minutes 30

A service and two workers on one Valkey and one S3 server, an emulator as the upstream: all on this machine.
Single numbers, lists, streams and batches go on all the time, and every so often there is a fault: of the
upstream, of the object store, of Redis (killed, or hanging), or a worker is killed. Every answer is compared
with what was asked. At the end the load stops, the batches are deleted, and what is left is counted. Ends
with 1 when something is not as it should be.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import orjson
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes, processes
from tests.s3 import S3, running_s3
from tests.service import Service
from tests.store import Store, running_store

KEY = "an-account-key"
AWAY = (aiohttp.ClientError, TimeoutError, OSError)
BATCH_ROWS = 1_000
STREAM_ROWS = 2_000
PER_REQUEST = 1_000
# What an upload that was broken off leaves is erased after ten minutes.
SETTLE_S = 11 * 60.0
# Of memory that comes and goes.
SWAY_KB = 24 * 1024
PERMANENT = (b"vs:batches", b"vs:{keys}", b"vs:docket:", b"vs:usage")
Json = dict[str, Any]


class Process(NamedTuple):
    """What a process holds."""

    resident_kb: int
    files: int
    threads: int


def held_by(service: Service) -> Process:
    """What it holds now."""
    proc = Path(f"/proc/{service.process.pid}")
    files = len(list((proc / "fd").iterdir()))
    return Process(service.resident_kb(), files, len(list((proc / "task").iterdir())))


class Soak:
    """The servers, the load and the faults."""

    def __init__(self, group: Processes, store: Store, s3: S3, emulator: Emulator, seed: int) -> None:
        self.group, self.store, self.s3, self.emulator = group, store, s3, emulator
        self.random = random.Random(seed)
        self.service = group.serve(VALIDATOR_BATCH_CONCURRENCY="2")
        self.workers: list[Service] = [group.worker(), group.worker()]
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.faults: Counter[str] = Counter()
        self.kills = 0
        self.stops = asyncio.Event()
        self._next = itertools.count()

    def numbers(self, count: int) -> list[str]:
        """Numbers that nobody asked for before."""
        start = next(self._next) * BATCH_ROWS * 2
        return [f"+62812{at:08}" for at in range(start, start + count)]

    def check(self, is_right: bool, what: str) -> None:
        """Note what is wrong."""
        if not is_right:
            self.wrong.append(what)

    async def go_on(self, name: str, ask: Callable[[], Awaitable[None]]) -> None:
        """Ask again and again; what does not answer meanwhile is asked again later."""
        while not self.stops.is_set():
            try:
                await ask()
                self.done[name] += 1
            except AWAY:
                self.done[f"{name}, not answered"] += 1
                await asyncio.sleep(0.5)
            await asyncio.sleep(0.01)

    async def load(self) -> None:
        """All consumers, until told to stop."""
        async with aiohttp.ClientSession(
            self.service.url, timeout=aiohttp.ClientTimeout(total=300)
        ) as client:
            each = (
                [("single numbers", lambda: self.one(client))] * 4
                + [("lists", lambda: self.listed(client))]
                + [("streams", lambda: self.streamed(client))]
                + [("batches", lambda: self.batch(client))] * 2
            )
            await asyncio.gather(*(self.go_on(name, ask) for name, ask in each))

    async def one(self, client: aiohttp.ClientSession) -> None:
        text = f"+62813{self.random.randrange(2_000):08}"
        params = {"phone_number": text, "type": self.random.choice(["format", "analysis"])}
        async with client.get("/v1/validation", params=params) as response:
            if response.status != 503:
                record = await response.json()
                self.check(record.get("phone_number") == text, f"a single number: {record}")

    async def listed(self, client: aiohttp.ClientSession) -> None:
        texts = [f"+62813{self.random.randrange(2_000):08}" for _ in range(100)]
        async with client.post("/v1/validation", json={"type": "format", "phone_numbers": texts}) as response:
            items = (await response.json())["items"]
            self.check([item["phone_number"] for item in items] == texts, "a list")

    async def streamed(self, client: aiohttp.ClientSession) -> None:
        texts = [f"+62813{self.random.randrange(10**8):08}" for _ in range(STREAM_ROWS)]
        body = "".join(f"{text}\n" for text in texts).encode()
        async with client.post(
            "/v1/stream?type=format", data=body, headers={"Content-Type": "text/plain"}
        ) as response:
            answered = [orjson.loads(line)["phone_number"] async for line in response.content]
            self.check(answered == texts, f"a stream of {len(answered)} records")

    async def batch(self, client: aiohttp.ClientSession) -> None:
        texts = self.numbers(BATCH_ROWS)
        rows = "".join(f'{at},"Name, {at}",{text}\r\n' for at, text in enumerate(texts))
        body = f"id,name,phone\r\n{rows}".encode()
        async with client.post(
            "/v1/batches?type=analysis", data=body, headers={"Content-Type": "text/csv"}
        ) as response:
            if response.status == 503:
                return
            batch_id = (await response.json())["request_uuid"]
        shown = await self.ended(client, batch_id)
        self.check(shown["status"] == "success", f"a batch ended so: {shown}")
        answered = await self.again(lambda: self.downloaded(client, batch_id))
        self.check([record["phone_number"] for record in answered] == texts, f"rows of {batch_id}")
        failed = sum(record["error_code"] != "000" for record in answered)
        self.done["rows of batches"] += len(answered)
        self.done["lookups failed"] += failed
        self.check(shown["paid"] == BATCH_ROWS - failed, f"paid: {shown}, {failed} failed")
        await self.again(lambda: self.deleted(client, batch_id))

    async def ended(self, client: aiohttp.ClientSession, batch_id: str) -> Json:
        while True:
            with contextlib.suppress(*AWAY):
                async with client.get(f"/v1/batches/{batch_id}") as response:
                    shown: Json = await response.json()
                    if shown.get("status") in ("success", "failed", "canceled"):
                        return shown
            await asyncio.sleep(0.2)

    async def again(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until it is answered as a whole."""
        while True:
            try:
                found = await ask()
            except AWAY:
                found = None
            if found is not None:
                return found
            await asyncio.sleep(0.5)

    async def downloaded(self, client: aiohttp.ClientSession, batch_id: str) -> list[Json] | None:
        async with client.get(f"/v1/batches/{batch_id}/results") as response:
            if response.status != 200:
                return None
            return [orjson.loads(line) async for line in response.content]

    async def deleted(self, client: aiohttp.ClientSession, batch_id: str) -> bool | None:
        async with client.delete(f"/v1/batches/{batch_id}") as response:
            return response.status in (204, 404) or None

    async def trouble(self, every_s: float) -> None:
        """A fault every so often, each over before the next."""
        each = [self.upstream_fails, self.s3_fails, self.s3_is_slow, self.store_dies, self.store_hangs]
        for fault in itertools.cycle([*each, self.worker_dies]):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stops.wait(), every_s)
            if self.stops.is_set():
                return
            self.faults[fault.__name__] += 1
            await fault()

    async def upstream_fails(self) -> None:
        self.emulator.set_faults(STEADY | {"http503": "0.3", "http500": "0.1", "hang": "0.02"})
        await asyncio.sleep(5)
        self.emulator.set_faults(STEADY)

    async def s3_fails(self) -> None:
        self.s3.fails_every = 2
        await asyncio.sleep(3)
        self.s3.fails_every, self.s3.refuses = 0, 503
        await asyncio.sleep(3)
        self.s3.refuses = 0

    async def s3_is_slow(self) -> None:
        self.s3.slow_s = 1.0
        await asyncio.sleep(3)
        self.s3.slow_s = 0.0

    async def store_dies(self) -> None:
        await asyncio.to_thread(self.store.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(self.store.start)

    async def store_hangs(self) -> None:
        self.store.pause()
        await asyncio.sleep(2)
        self.store.go_on()

    async def worker_dies(self) -> None:
        worker = self.workers.pop(0)
        self.kills += 1
        await asyncio.to_thread(worker.stop, signal.SIGKILL)
        self.workers.append(await asyncio.to_thread(self.group.worker))

    async def tasks(self) -> int:
        """Tasks of the service's event loop."""
        async with aiohttp.ClientSession(self.service.url) as client, client.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        return int(float(next(line for line in lines if line.startswith("validator_tasks")).split()[-1]))


STEADY = {"latency": "50ms"}


def left_over(store: Store, s3: S3) -> dict[str, int]:
    """Keys and objects that nobody needs any more."""
    client: Any = redis.Redis.from_url(store.url)
    with contextlib.closing(client):
        keys = list(client.scan_iter(count=10_000))
        endless = [key for key in keys if client.ttl(key) == -1 and not key.startswith(PERMANENT)]
        return {
            "keys of batches": sum(key.startswith(b"vs:batch:") for key in keys),
            "claims": sum(key.startswith((b"vs:claim:", b"vs:job:")) for key in keys),
            "keys without an end": len(endless),
            "batches listed": client.zcard("vs:batches") + client.zcard("vs:batches:active"),
            "messages in the queue": client.xlen("vs:docket:stream")
            if client.exists("vs:docket:stream")
            else 0,
            "objects": len(s3.names()),
        }


async def watched(soak: Soak, minutes: float) -> list[tuple[float, Process]]:
    """What the service held, looked at every quarter of a minute; told each minute."""
    seen: list[tuple[float, Process]] = []
    began_s = time.monotonic()
    while (minute := (time.monotonic() - began_s) / 60) < minutes:
        seen.append((minute, held_by(soak.service)))
        if len(seen) % 4 == 1:
            print(
                f"minute {minute:4.1f}: {seen[-1][1]}, {dict(soak.done)}, wrong {len(soak.wrong)}", flush=True
            )
        await asyncio.sleep(min(15.0, max(0.1, (minutes - minute) * 60)))
    return seen


def median_kb(seen: list[tuple[float, Process]], first: float, last: float) -> int:
    """The median of memory between two minutes."""
    within = sorted(held.resident_kb for minute, held in seen if first <= minute <= last)
    return within[len(within) // 2] if within else 0


async def run(minutes: float, every_s: float, seed: int) -> int:
    """One run; returns the exit status."""
    with running_store() as store, running_s3() as s3, tempfile.TemporaryDirectory() as folder:
        async with Emulator(key=KEY, seed=seed, faults=STEADY) as emulator:
            settings = {
                "REDIS_URL": store.url,
                "VALIDATOR_WAVIX_URL": emulator.url,
                "VALIDATOR_WAVIX_APPID": KEY,
                "VALIDATOR_WAVIX_RATE": "100",
                "VALIDATOR_WAVIX_TIMEOUT": "10",
                "VALIDATOR_SEGMENT_ROWS_UPSTREAM": "250",
                **s3.settings,
            }
            with processes(Path(folder), **settings) as group:
                soak = await asyncio.to_thread(Soak, group, store, s3, emulator, seed)
                before, tasks_before = held_by(soak.service), await soak.tasks()
                loading, troubling = (
                    asyncio.create_task(soak.load()),
                    asyncio.create_task(soak.trouble(every_s)),
                )
                seen = await watched(soak, minutes)
                soak.stops.set()
                await asyncio.gather(loading, troubling)
                return await judged(soak, seen, before, tasks_before)


async def settled(soak: Soak) -> dict[str, int]:
    """What is left once all that goes on by itself has ended."""
    ends_s = time.monotonic() + SETTLE_S
    left = await asyncio.to_thread(left_over, soak.store, soak.s3)
    while any(left.values()) and time.monotonic() < ends_s:
        await asyncio.sleep(2)
        left = await asyncio.to_thread(left_over, soak.store, soak.s3)
    return left


async def judged(soak: Soak, seen: list[tuple[float, Process]], before: Process, tasks_before: int) -> int:
    """Print what came of it; 0 when all is as it should be."""
    left = await settled(soak)
    after, tasks = held_by(soak.service), await soak.tasks()
    ledger = soak.emulator.ledger
    extra = ledger.billed_total - ledger.distinct_numbers
    end = seen[-1][0]
    early, late = min(5.0, end / 3), end
    first_kb, last_kb = median_kb(seen, early - 1, early + 1), median_kb(seen, late - 2, late)
    print(f"done: {dict(soak.done)}")
    print(f"faults: {dict(soak.faults)}")
    print(f"wrong: {len(soak.wrong)} {soak.wrong[:5]}")
    print(
        f"billed {ledger.billed_total:,} for {ledger.distinct_numbers:,} numbers; {soak.kills} workers killed"
    )
    print(
        f"memory at minute {early:.0f}: {first_kb / 1024:.0f} MB, "
        f"at minute {late:.0f}: {last_kb / 1024:.0f} MB"
    )
    print(f"files: {before.files} before, {after.files} after; tasks: {tasks_before} before, {tasks} after")
    print(f"left: {left}")
    fine = (
        not soak.wrong
        and not any(left.values())
        and extra <= soak.kills * PER_REQUEST
        and last_kb - first_kb < SWAY_KB
        and after.files <= before.files + 24
        and tasks <= tasks_before + 8
    )
    print("all is well" if fine else "NOT as it should be")
    return 0 if fine else 1


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between faults")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return asyncio.run(run(given.minutes, given.every, given.seed))


if __name__ == "__main__":
    sys.exit(main())
