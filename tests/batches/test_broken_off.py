"""Rows at which processes end: their batch fails and says so, others go on; kills from outside harm nobody.

A pipe in place of a stored object is never read to its end: its process is killed in the midst of it.
"""

import os
import signal
from pathlib import Path

import aiohttp
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, records
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text, free_claims
from tests.lookup.paid import numbers
from tests.store import Store
from tests.waiting import wait_until


class Held:
    """A stored object that whoever reads it waits for, until it is given back."""

    def __init__(self, tmp_path: Path, batch_id: str, name: str) -> None:
        self.path = tmp_path / "data" / "segments" / "batches" / batch_id / "rows" / name
        self.content = self.path.read_bytes()
        self.path.unlink()
        os.mkfifo(self.path)

    def give_back(self) -> None:
        self.path.unlink()
        self.path.write_bytes(self.content)


def begun(store: Store, batch_id: str, index: int) -> int:
    with redis.Redis.from_url(store.url) as client:
        return int(client.hget(f"vs:batch:{{{batch_id}}}:faults", f"{index}:begun") or 0)


async def killed_at_work(group: Processes, store: Store, batch_id: str, index: int) -> None:
    """A worker is killed while it computes a segment."""
    worker = group.worker(**SMALL)
    await wait_until(lambda: begun(store, batch_id, index) == 1)
    worker.stop(signal.SIGKILL)


async def test_rows_that_end_processes_fail_their_batch_and_no_other(
    group: Processes, store: Store, tmp_path: Path
) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    texts = numbers(500)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts))
        held = Held(tmp_path, batch_id, "00000003.texts")
        await killed_at_work(group, store, batch_id, 3)
        other_id = await posted(client, as_text(texts))
        group.worker(VALIDATOR_BATCH_TRIES="1", **SMALL)
        shown = await reached(client, batch_id, "failed")
        assert str(shown["why"]).startswith("internal_error: 1 processes ended at rows 301 to 400")
        assert (await reached(client, other_id, "success"))["valid"] == 500
        held.give_back()
        status, shown = await act(client, batch_id, "retry")
        assert (status, shown["status"]) == (200, "progress")
        await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
    with redis.Redis.from_url(store.url) as client_of_store:
        assert all(client_of_store.pttl(key) > 0 for key in client_of_store.scan_iter("vs:batch:*"))


async def test_rows_at_which_fewer_processes_ended_are_worked(
    group: Processes, store: Store, tmp_path: Path
) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(500)))
        held = Held(tmp_path, batch_id, "00000002.texts")
        await killed_at_work(group, store, batch_id, 2)
        held.give_back()
        group.worker(VALIDATOR_BATCH_TRIES="2", **SMALL)
        assert (await reached(client, batch_id, "success"))["valid"] == 500
        assert begun(store, batch_id, 2) == 0


async def test_waiting_for_the_upstream_is_no_sign_of_harm(
    paying: Processes, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "30s"})
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(100)), type="analysis")
        worker = paying.worker(**SMALL)
        await wait_until(lambda: emulator.ledger.requests_total > 0)
        worker.stop(signal.SIGKILL)
        assert begun(store, batch_id, 0) == 0
        emulator.set_faults({})
        free_claims(store)
        paying.worker(VALIDATOR_BATCH_TRIES="1", **SMALL)
        assert (await reached(client, batch_id, "success"))["unknown"] == 0
