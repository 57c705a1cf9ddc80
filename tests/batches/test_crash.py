"""Processes that are killed or told to stop: the batch ends all the same, each row once, in order."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, records, state
from tests.batches.processes import Processes
from tests.lookup.paid import numbers
from tests.store import Store
from tests.waiting import PATIENCE_S, wait_until

SMALL = {"VALIDATOR_SEGMENT_ROWS": "100", "VALIDATOR_SEGMENT_ROWS_UPSTREAM": "100"}


def as_text(texts: list[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


async def billed(emulator: Emulator, enough: int) -> None:
    """Wait until more than so many numbers were billed."""
    await wait_until(lambda: emulator.ledger.billed_total > enough)


def free_claims(store: Store) -> None:
    """What is left of a dead process's claims ends after half a minute; a test need not wait for it."""
    with redis.Redis.from_url(store.url) as client:
        for key in client.scan_iter("vs:claim:*", count=1_000):
            client.pexpire(key, 500)


async def test_workers_are_killed_and_the_batch_ends_complete(
    paying: Processes, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "50ms"})
    texts = numbers(6_000)
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    workers = [paying.worker(**SMALL) for _ in range(2)]
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="analysis")
        for round_ in range(2):
            await billed(emulator, emulator.ledger.billed_total + 300)
            workers[round_ % 2].stop(signal.SIGKILL)
            free_claims(store)
            workers[round_ % 2] = paying.worker(**SMALL)
        await reached(client, batch_id, "success")
        answered = await records(client, batch_id)
    assert [record["phone_number"] for record in answered] == texts
    assert {record["error_code"] for record in answered} == {"000"}
    ledger = emulator.ledger
    # Of each killed process only what it was asking just then may be paid again.
    assert ledger.billed_total - ledger.distinct_numbers <= 2 * 1_000
    assert ledger.max_times_billed <= 2


async def test_a_killed_service_goes_on_after_its_restart(group: Processes) -> None:
    texts = numbers(30_000)
    service = group.serve(VALIDATOR_SEGMENT_ROWS="500")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts))
    service.stop(signal.SIGKILL)
    service = group.serve(VALIDATOR_SEGMENT_ROWS="500")
    async with aiohttp.ClientSession(service.url) as client:
        shown = await reached(client, batch_id, "success")
        assert (shown["count"], shown["valid"]) == (30_000, 30_000)
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts


async def test_sigterm_hands_the_work_back(paying: Processes, emulator: Emulator) -> None:
    emulator.set_faults({"latency": "300ms"})
    texts = numbers(3_000)
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    worker = paying.worker(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total)
        assert await asyncio.to_thread(worker.stop) == 0
        assert (await state(client, batch_id))["status"] == "progress"
        paying.worker(**SMALL)
        await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
    assert emulator.ledger.max_times_billed == 1


async def test_the_store_is_killed_and_comes_back(
    paying: Processes, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "50ms"})
    texts = numbers(3_000)
    service = paying.serve(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total > 300)
        store.kill()
        store.start()
        await reached_through_errors(client, batch_id)
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
    assert emulator.ledger.max_times_billed == 1


async def reached_through_errors(client: aiohttp.ClientSession, batch_id: str) -> None:
    """Wait for success; the service may say 503 on the way."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with client.get(f"/v1/batches/{batch_id}") as response:
                if response.status == 200 and (await response.json())["status"] == "success":
                    return
                assert response.status in (200, 503)
            await asyncio.sleep(0.1)


async def test_an_upload_that_breaks_off_leaves_nothing(
    group: Processes, store: Store, tmp_path: Path
) -> None:
    service = group.serve(VALIDATOR_SEGMENT_ROWS="100")
    arrived = asyncio.Event()

    async def body() -> object:
        yield as_text(numbers(20_000))
        arrived.set()
        await asyncio.Event().wait()

    def stored() -> list[str]:
        return [name for _, _, names in os.walk(tmp_path / "data" / "segments") for name in names]

    async with aiohttp.ClientSession(service.url) as client:
        sending = asyncio.create_task(
            client.post("/v1/batches?type=format", data=body(), headers={"Content-Type": "text/plain"})
        )
        await arrived.wait()
        await wait_until(stored)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await wait_until(lambda: not stored())
    with redis.Redis.from_url(store.url) as client_of_store:
        await wait_until(lambda: not client_of_store.exists("vs:batches:loose"))
        assert not client_of_store.exists("vs:batches")


async def test_a_canceled_batch_keeps_what_was_answered(paying: Processes, emulator: Emulator) -> None:
    emulator.set_faults({"latency": "100ms"})
    service = paying.serve(VALIDATOR_WAVIX_CONCURRENCY="1", VALIDATOR_BATCH_CONCURRENCY="1", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(5_000)), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total > 200)
        status, shown = await act(client, batch_id, "cancel")
        assert (status, shown["status"]) == (200, "canceled")
        answered = await records(client, batch_id)
        assert 0 < len(answered) < 5_000
        await wait_until(lambda: emulator.ledger.billed_total < 1_000)
