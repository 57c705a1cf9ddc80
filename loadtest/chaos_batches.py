"""Chaos for batches: one big paid batch while processes are killed and the store is restarted.

`python -m loadtest.chaos_batches --numbers 100000 --every 2` starts the upstream emulator, a store
with persistence, one service and two workers, all on this machine, and kills one of the three with
SIGKILL every so often and starts it again; half way the store is killed too. It prints what came of
it, and ends with 1 when a row is missing, doubled or out of order, or too much was paid.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import orjson

from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes, processes
from tests.service import Service
from tests.store import Store, running_store

KEY = "an-account-key"
AWAY = (aiohttp.ClientError, TimeoutError, OSError)
PER_REQUEST = 1_000


class Chaos:
    """Kills one process after the other; knows how often it did."""

    def __init__(self, group: Processes, store: Store, every_s: float, seed: int) -> None:
        self.group = group
        self.store = store
        self.every_s = every_s
        self.random = random.Random(seed)
        self.kills = 0
        self.store_kills = 0
        self.service = group.serve()
        self.port = self.service.port
        self.workers: list[Service] = [group.worker(), group.worker()]

    async def run(self, half_way: asyncio.Event) -> None:
        """Kill until cancelled."""
        while True:
            await asyncio.sleep(self.every_s)
            await asyncio.to_thread(self._kill_one)
            if half_way.is_set() and not self.store_kills:
                self.store_kills += 1
                await asyncio.to_thread(self._restart_store)

    def _kill_one(self) -> None:
        victim = self.random.randrange(3)
        self.kills += 1
        if victim == 2:
            self.service.stop(signal.SIGKILL)
            self.service = self.group.serve(VALIDATOR_PORT=str(self.port))
        else:
            self.workers[victim].stop(signal.SIGKILL)
            self.workers[victim] = self.group.worker()

    def _restart_store(self) -> None:
        self.store.kill()
        self.store.start()


async def uploaded(client: aiohttp.ClientSession, texts: list[str]) -> str:
    """Send the numbers; returns the id of their batch."""
    body = "".join(f"{text}\n" for text in texts).encode()
    async with client.post("/v1/batches?type=analysis", data=body) as response:
        assert response.status == 201, await response.text()
        return str((await response.json())["request_uuid"])


async def ended(client: aiohttp.ClientSession, batch_id: str, half_way: asyncio.Event) -> dict[str, object]:
    """Wait for the end, whatever does not answer meanwhile."""
    while True:
        try:
            async with client.get(f"/v1/batches/{batch_id}") as response:
                state: dict[str, object] = await response.json()
        except AWAY:
            state = {}
        if "status" in state:
            if int(str(state["pending"])) < int(str(state["count"])) / 2:
                half_way.set()
            if state["status"] in ("success", "failed", "canceled"):
                return state
        await asyncio.sleep(0.3)


async def downloaded(client: aiohttp.ClientSession, batch_id: str) -> list[dict[str, object]]:
    """The results."""
    async with client.get(f"/v1/batches/{batch_id}/results") as response:
        return [orjson.loads(line) async for line in response.content]


async def run(numbers: int, every_s: float, seed: int) -> int:
    """One run; returns the exit status."""
    texts = [f"+62812{n:08}" for n in range(numbers)]
    with running_store() as store, tempfile.TemporaryDirectory() as folder:
        async with Emulator(
            key=KEY, seed=seed, faults={"latency": "100ms", "progress": "time:1s"}
        ) as emulator:
            settings = {
                "REDIS_URL": store.url,
                "VALIDATOR_WAVIX_URL": emulator.url,
                "VALIDATOR_WAVIX_APPID": KEY,
                "VALIDATOR_WAVIX_RATE": "20",
            }
            with processes(Path(folder), **settings) as group:
                chaos = await asyncio.to_thread(Chaos, group, store, every_s, seed)
                began_s = time.monotonic()
                async with aiohttp.ClientSession(f"http://127.0.0.1:{chaos.port}") as client:
                    batch_id = await uploaded(client, texts)
                    half_way = asyncio.Event()
                    killing = asyncio.create_task(chaos.run(half_way))
                    state = await ended(client, batch_id, half_way)
                    took_s = time.monotonic() - began_s
                    killing.cancel()
                    await asyncio.gather(killing, return_exceptions=True)
                async with aiohttp.ClientSession(f"http://127.0.0.1:{chaos.port}") as client:
                    records = await downloaded(client, batch_id)
                return judged(texts, state, records, emulator, chaos, took_s)


def judged(
    texts: list[str],
    state: dict[str, object],
    records: list[dict[str, object]],
    emulator: Emulator,
    chaos: Chaos,
    took_s: float,
) -> int:
    """Print what came of it; 0 when all is as it should be."""
    ledger = emulator.ledger
    in_order = [record["phone_number"] for record in records] == texts
    failed = sum(record["error_code"] != "000" for record in records)
    extra = ledger.billed_total - ledger.distinct_numbers
    print(f"{state['status']} in {took_s:.0f} s; {chaos.kills} kills, {chaos.store_kills} of the store")
    print(f"rows in order, each once: {in_order}; lookups failed: {failed}")
    print(f"billed {ledger.billed_total:,} for {ledger.distinct_numbers:,} numbers: {extra:,} more than once")
    print(f"requests: {dict(ledger.requests_by_kind)}")
    fine = state["status"] == "success" and in_order and extra <= chaos.kills * PER_REQUEST
    return 0 if fine else 1


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--numbers", type=int, default=100_000, help="numbers of the batch")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=1, help="of who is killed")
    parser.add_argument("--within", type=float, default=600.0, help="seconds that a run may take")
    given = parser.parse_args()
    return asyncio.run(asyncio.wait_for(run(given.numbers, given.every, given.seed), given.within))


if __name__ == "__main__":
    sys.exit(main())
