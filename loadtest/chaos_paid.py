"""Chaos for money: a paid batch that runs out of funds, or through an outage, while workers are killed.

`python -m loadtest.chaos_paid funds --numbers 3000 --runs 20` starts the upstream's emulator, a store with
persistence, a service and two workers, and kills one of the workers with SIGKILL every so often. With
`funds` the account has money for 100 numbers, and gets more after the batch has paused; with `outage`
the upstream answers 503 for ten seconds. At every look the batch must tell exactly what is paid; in the
end every row must be answered, and nothing paid twice but what a killed worker was asking just then.
With `--suppliers telnyx,wavix` it is the first one that runs out, or is away, and the second one goes on.
Ends with 1 when something was not so.
"""

import argparse
import asyncio
import contextlib
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import orjson
import redis

from loadtest.lookup_emulators import EMULATORS
from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes, processes
from tests.service import Service
from tests.store import Store, running_store
from tests.upstreams.paying import KEY, paying

# USD an analysis.
PRICES = {"wavix": "0.005", "telnyx": "0.0025", "twilio": "0.008", "signalwire": "0.0025"}
# Numbers that one worker is asking for at a time, at most.
UNDER_WAY = {"wavix": 1_000, "telnyx": 10, "twilio": 10, "signalwire": 10}
FIRST_FUNDS = 100
OUTAGE_S = 10.0
STEADY = {"latency": "100ms", "progress": "time:1s"}


class Wanted(NamedTuple):
    """One run."""

    scenario: str
    numbers: int
    kill_every_s: float
    seed: int
    outage_s: float = OUTAGE_S
    settings: tuple[tuple[str, str], ...] = ()
    """More settings of the processes."""
    suppliers: tuple[str, ...] = ("wavix",)
    """In the order in which they are asked; the first one fails."""

    @property
    def is_odd(self) -> bool:
        """Every other run goes the other way where there are two."""
        return self.seed % 2 == 1


class Chaos:
    """A service that works nothing, two workers, and what kills them; claims of the dead are freed at once.

    They would be free after half a minute, which no run has to wait for.
    """

    def __init__(self, group: Processes, store: Store, wanted: Wanted) -> None:
        self.group = group
        self.store = redis.Redis.from_url(store.url)
        self.wanted = wanted
        self.random = random.Random(wanted.seed)
        self.kills = 0
        self.service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
        self.tokens = self._replicas()
        self.workers: list[tuple[Service, set[bytes]]] = [self._worker(), self._worker()]

    async def run(self, enough: asyncio.Event) -> None:
        """Kill, at least once, until it is enough."""
        while not enough.is_set():
            with contextlib.suppress(TimeoutError):
                pause_s = self.wanted.kill_every_s * self.random.uniform(0.5, 1.5)
                await asyncio.wait_for(enough.wait(), pause_s)
            if not enough.is_set() or not self.kills:
                await asyncio.to_thread(self.kill_one)

    def kill_one(self) -> None:
        """Kill one of the workers, and start another."""
        worker, tokens = self.workers.pop(self.random.randrange(2))
        self.kills += 1
        worker.stop(signal.SIGKILL)
        self._free_claims(tokens)
        self.workers.append(self._worker())

    def _worker(self) -> tuple[Service, set[bytes]]:
        worker = self.group.worker()
        deadline_s = time.monotonic() + 20
        while not (tokens := self._replicas() - self.tokens):
            assert time.monotonic() < deadline_s, "the worker does not show"
            time.sleep(0.02)
        self.tokens |= tokens
        return worker, tokens

    def _replicas(self) -> set[bytes]:
        tokens: Any = self.store.zrange("vs:replicas", 0, -1)
        return set(tokens)

    def _free_claims(self, tokens: set[bytes]) -> None:
        for key in self.store.scan_iter("vs:claim:*", count=10_000):
            if self.store.get(key) in tokens:
                self.store.delete(key)

    def kept(self) -> int:
        """How many paid answers are in the store."""
        return sum(1 for _ in self.store.scan_iter("vs:live:*", count=10_000))


class Upstreams:
    """The suppliers' emulators, and what they billed."""

    def __init__(self, emulators: dict[str, Emulator]) -> None:
        self.emulators = emulators
        self.first = next(iter(emulators.values()))

    @property
    def billed(self) -> Counter[str]:
        """How often each number was."""
        return sum((each.ledger.times_billed for each in self.emulators.values()), Counter())

    def costs_fit(self, paid: int, cost: Decimal) -> bool:
        """Whether so many numbers may have cost so much."""
        prices = [Decimal(PRICES[name]) for name in self.emulators]
        return min(prices) * paid <= cost <= max(prices) * paid


class Watch:
    """Looks at a batch, and checks every time that what it tells is true."""

    def __init__(
        self, client: aiohttp.ClientSession, batch_id: str, upstreams: Upstreams, chaos: Chaos
    ) -> None:
        self.client = client
        self.batch_id = batch_id
        self.upstreams = upstreams
        self.chaos = chaos
        self.looks = 0

    async def look(self) -> dict[str, object]:
        """The batch as it stands. Raises AssertionError when it tells what is not so."""
        before = await asyncio.to_thread(self.chaos.kept)
        async with self.client.get(f"/v1/batches/{self.batch_id}") as response:
            assert response.status == 200, await response.text()
            shown: dict[str, object] = await response.json()
        after = await asyncio.to_thread(self.chaos.kept)
        paid = int(str(shown["paid"]))
        # Twilio charges nothing for numbers that it takes for not valid.
        least = 0 if "twilio" in self.upstreams.emulators else before
        assert least <= paid <= after, f"{paid} told as paid, {before} to {after} answers are there: {shown}"
        assert paid <= len(self.upstreams.billed), shown
        assert self.upstreams.costs_fit(paid, Decimal(str(shown["cost"]))), shown
        counted = sum(int(str(shown[name])) for name in ("valid", "invalid", "unknown", "pending"))
        assert counted == shown["count"] == self.chaos.wanted.numbers, shown
        assert shown["unknown"] == shown["cached"] == 0, shown
        self.looks += 1
        return shown

    async def until(self, reached: Callable[[dict[str, object]], object]) -> dict[str, object]:
        """Look until it is so."""
        while not reached(shown := await self.look()):
            assert shown["status"] not in ("failed", "canceled"), shown
            await asyncio.sleep(0.1)
        return shown


async def funds(watch: Watch, wanted: Wanted) -> None:
    """Funds for a hundred numbers until the batch has paused; then it is resumed, or goes on by itself.

    It does not pause where there is another supplier.
    """
    if len(wanted.suppliers) > 1:
        return
    await watch.until(lambda shown: shown["status"] == "paused")
    await asyncio.sleep(watch.chaos.random.uniform(0, 2))
    shown = await watch.look()
    assert str(shown["paid"]) == str(FIRST_FUNDS) or watch.chaos.kills, shown
    watch.upstreams.first.top_up(wanted.numbers * 10)
    if wanted.is_odd:
        async with watch.client.post(f"/v1/batches/{watch.batch_id}/resume") as response:
            # 409: it looked again by itself just then.
            assert response.status in (200, 409)


async def outage(watch: Watch, wanted: Wanted) -> None:
    """503 for a while, every other time without saying when to come back."""
    await watch.until(lambda shown: len(watch.upstreams.billed) > wanted.numbers / 10)
    faults = STEADY | {"http503": "1", "retry_after": "none" if wanted.is_odd else "1s"}
    watch.upstreams.first.set_faults(faults)
    ends_s = time.monotonic() + wanted.outage_s
    await watch.until(lambda shown: time.monotonic() > ends_s)
    watch.upstreams.first.set_faults(STEADY)


SCENARIOS: dict[str, Callable[[Watch, Wanted], Awaitable[None]]] = {"funds": funds, "outage": outage}


async def run(wanted: Wanted) -> str:
    """One run; returns what came of it, in a line. Raises AssertionError when something is not so."""
    texts = [f"+62812{n:08}" for n in range(wanted.numbers)]
    started = STEADY | ({"funds": str(FIRST_FUNDS)} if wanted.scenario == "funds" else {})
    began_s = time.monotonic()
    async with (
        emulated(wanted, started) as upstreams,
        around(upstreams, wanted) as chaos,
        aiohttp.ClientSession(chaos.service.url) as client,
    ):
        body = "".join(f"{text}\n" for text in texts).encode()
        async with client.post("/v1/batches?type=analysis", data=body) as response:
            batch_id = str((await response.json())["request_uuid"])
        watch = Watch(client, batch_id, upstreams, chaos)
        async with killing(chaos):
            await SCENARIOS[wanted.scenario](watch, wanted)
            shown = await watch.until(lambda shown: shown["status"] == "success")
        async with client.get(f"/v1/batches/{batch_id}/results") as response:
            records = [orjson.loads(line) async for line in response.content]
        judge(texts, shown, records, upstreams)
        if wanted.scenario == "funds" and len(wanted.suppliers) > 1:
            assert {str(record["source"]) for record in records} == set(wanted.suppliers)
        billed = upstreams.billed
        extra = billed.total() - len(texts)
        assert set(billed) == {text.removeprefix("+") for text in texts}
        assert extra <= chaos.kills * sum(UNDER_WAY[name] for name in wanted.suppliers)
        return (
            f"{wanted.scenario} at {', '.join(wanted.suppliers)}, seed {wanted.seed}: "
            f"{time.monotonic() - began_s:.0f} s, {chaos.kills} kills, "
            f"{watch.looks} looks, paid / minimum {billed.total() / len(texts):.3f}"
        )


@contextlib.asynccontextmanager
async def emulated(wanted: Wanted, faults: dict[str, str]) -> AsyncIterator[Upstreams]:
    """The emulators, the first one with faults."""
    async with contextlib.AsyncExitStack() as stack:
        emulators = dict[str, Emulator]()
        for name in wanted.suppliers:
            kind = EMULATORS.get(name, Emulator)
            emulator = kind(key=KEY, seed=wanted.seed, faults=STEADY if emulators else faults)
            emulators[name] = await stack.enter_async_context(emulator)
        yield Upstreams(emulators)


@contextlib.asynccontextmanager
async def around(upstreams: Upstreams, wanted: Wanted) -> AsyncIterator[Chaos]:
    """Everything that a run needs, up."""
    with running_store() as store, tempfile.TemporaryDirectory() as folder:
        settings = {"REDIS_URL": store.url} | paying(upstreams.emulators, *wanted.suppliers)
        # A minute would do too, and take as long.
        probe_s = "30" if wanted.is_odd else "2"
        settings |= {f"VALIDATOR_{name.upper()}_PROBE": probe_s for name in wanted.suppliers}
        settings["VALIDATOR_WAVIX_RATE"] = "20"
        with processes(Path(folder), **settings | dict(wanted.settings)) as group:
            yield await asyncio.to_thread(Chaos, group, store, wanted)


@contextlib.asynccontextmanager
async def killing(chaos: Chaos) -> AsyncIterator[None]:
    """Kill for as long as the block."""
    enough = asyncio.Event()
    task = asyncio.create_task(chaos.run(enough))
    try:
        yield
    finally:
        enough.set()
        await task


def judge(
    texts: list[str], shown: dict[str, object], records: list[dict[str, object]], upstreams: Upstreams
) -> None:
    """Check an ended batch and its records. Raises AssertionError."""
    assert [record["phone_number"] for record in records] == texts
    assert {record["error_code"] for record in records} == {"000"}
    sources = {str(record["source"]) for record in records}
    assert sources <= set(upstreams.emulators)
    costs = [Decimal(str(record["cost"])) for record in records]
    assert shown["paid"] == sum(cost > 0 for cost in costs), shown
    assert sum(costs) == Decimal(str(shown["cost"])), shown


async def main(given: argparse.Namespace) -> int:
    """All runs; returns the exit status."""
    failed = 0
    for seed in range(given.seed, given.seed + given.runs):
        suppliers = tuple(given.suppliers.split(","))
        wanted = Wanted(given.scenario, given.numbers, given.every, seed, given.outage, suppliers=suppliers)
        try:
            print(await asyncio.wait_for(run(wanted), given.within), flush=True)
        except (AssertionError, TimeoutError) as error:
            failed += 1
            print(f"{given.scenario} seed {seed}: {type(error).__name__} {error}", flush=True)
    print(f"{given.runs - failed} of {given.runs} as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--numbers", type=int, default=3_000, help="numbers of the batch")
    parser.add_argument("--suppliers", default="wavix", help="names, in the order in which they are asked")
    parser.add_argument("--runs", type=int, default=1, help="how often, each with the next seed")
    parser.add_argument("--every", type=float, default=3.0, help="seconds between kills, about")
    parser.add_argument("--outage", type=float, default=OUTAGE_S, help="seconds that an outage takes")
    parser.add_argument("--seed", type=int, default=1, help="of the first run: who is killed and when")
    parser.add_argument("--within", type=float, default=300.0, help="seconds that a run may take")
    sys.exit(asyncio.run(main(parser.parse_args())))
