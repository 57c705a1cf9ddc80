"""Processes that are killed: others go on with what they began, and nothing is paid for twice."""

import asyncio
import signal

import redis

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_true, numbers, streamed
from tests.store import Store
from tests.waiting import wait_until


async def test_a_job_that_a_killed_process_began_is_polled_to_its_end_by_another(
    start_service: StartService, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"progress": "time:6s:10"})
    first = start_service(VALIDATOR_WAVIX_SYNC_MAX="10")
    work = asyncio.create_task(streamed(first, numbers(900)))
    with redis.Redis.from_url(store.url) as client:
        await wait_until(lambda: len(list(client.scan_iter("vs:job:*", count=1_000))) == 900)
        first.stop(signal.SIGKILL)
        await asyncio.gather(work, return_exceptions=True)
        # What is left of the dead one's claims ends after half a minute; a test need not wait for it.
        for key in client.scan_iter("vs:claim:*", count=1_000):
            client.pexpire(key, 500)
    second = start_service(VALIDATOR_WAVIX_SYNC_MAX="10")
    for record in await streamed(second, numbers(900)):
        assert_true(record)
    assert emulator.ledger.requests_by_kind["async"] == 1
    assert emulator.ledger.max_times_billed == 1


async def test_a_client_that_vanishes_leaves_nothing_behind(
    start_service: StartService, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "200ms"})
    service = start_service(
        VALIDATOR_WAVIX_SYNC_MAX="1000", VALIDATOR_WAVIX_RATE="0.5", VALIDATOR_WAVIX_CONCURRENCY="2"
    )
    work = asyncio.create_task(streamed(service, numbers(20_000)))
    await wait_until(lambda: emulator.ledger.billed_total)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    with redis.Redis.from_url(store.url) as client:
        await wait_until(lambda: not list(client.scan_iter("vs:claim:*", count=10_000)))
    assert emulator.ledger.billed_total < 10_000
    assert len(await streamed(service, numbers(5, 50_000))) == 5


async def test_sigterm_lets_paid_work_end(start_service: StartService, emulator: Emulator) -> None:
    emulator.set_faults({"latency": "800ms"})
    service = start_service(VALIDATOR_SHUTDOWN_GRACE="60")
    work = asyncio.create_task(streamed(service, numbers(50)))
    await wait_until(lambda: emulator.ledger.requests_total)
    assert await asyncio.to_thread(service.stop) == 0
    for record in await work:
        assert_true(record)
