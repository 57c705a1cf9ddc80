"""A process killed between two suppliers: nothing is paid twice but what was on its way at that moment."""

import asyncio
import signal

import redis

from loadtest.wavix_emulator import Emulator
from tests.lookup.paid import count, numbers, streamed
from tests.service import Service
from tests.store import Store
from tests.upstreams.paying import StartService, emulators, start_service, store
from tests.waiting import wait_until

__all__ = ["emulators", "start_service", "store"]

TEXTS = numbers(30)


async def killed(service: Service, work: "asyncio.Task[object]", store: Store) -> None:
    """Kill the service at its work, and let its claims end, for which one would wait half a minute."""
    await asyncio.to_thread(service.stop, signal.SIGKILL)
    await asyncio.gather(work, return_exceptions=True)
    with redis.Redis.from_url(store.url) as client:
        for key in client.scan_iter("vs:claim:*", count=1_000):
            client.pexpire(key, 1)
        await wait_until(lambda: not list(client.scan_iter("vs:claim:*", count=1_000)))


async def test_what_the_first_turned_away_is_paid_for_once_at_the_second(
    start_service: StartService, emulators: dict[str, Emulator], store: Store
) -> None:
    first, second = emulators["telnyx"], emulators["signalwire"]
    first.set_faults({"funds": "0"})
    second.set_faults({"latency": "100ms"})
    settings = {"VALIDATOR_SIGNALWIRE_CONCURRENCY": "1"}
    service = start_service("telnyx", "signalwire", **settings)
    work = asyncio.create_task(streamed(service, TEXTS))
    # Some are answered by the second, one is on its way there, and the others are in between.
    await wait_until(lambda: second.ledger.billed_total >= 5)
    await killed(service, work, store)
    second.set_faults({})
    records = await streamed(start_service("telnyx", "signalwire", **settings), TEXTS)
    assert count(records, error_code="000") == len(TEXTS)
    paid = second.ledger.times_billed
    assert len(paid) == len(TEXTS)
    assert sum(times - 1 for times in paid.values()) <= 1
    assert first.ledger.billed_total == 0


async def test_what_was_lost_at_the_first_is_asked_for_there_again_once(
    start_service: StartService, emulators: dict[str, Emulator], store: Store
) -> None:
    first, second = emulators["telnyx"], emulators["signalwire"]
    first.set_faults({"latency": "100ms"})
    settings = {"VALIDATOR_TELNYX_CONCURRENCY": "1"}
    service = start_service("telnyx", "signalwire", **settings)
    work = asyncio.create_task(streamed(service, TEXTS))
    await wait_until(lambda: first.ledger.billed_total >= 5)
    await killed(service, work, store)
    # The first goes away then: what it had not answered yet, the second is asked for.
    first.set_faults({"http401": "1"})
    records = await streamed(start_service("telnyx", "signalwire", **settings), TEXTS)
    assert count(records, error_code="000") == len(TEXTS)
    times = first.ledger.times_billed + second.ledger.times_billed
    assert len(times) == len(TEXTS)
    assert sum(each - 1 for each in times.values()) <= 1


async def test_a_job_at_the_second_is_polled_to_its_end(
    start_service: StartService, emulators: dict[str, Emulator], store: Store
) -> None:
    first, second = emulators["twilio"], emulators["wavix"]
    first.set_faults({"http401": "1"})
    second.set_faults({"progress": "time:6s:2"})
    settings = {"VALIDATOR_WAVIX_SYNC_MAX": "0", "VALIDATOR_TWILIO_CONCURRENCY": "1"}
    service = start_service("twilio", "wavix", **settings)
    work = asyncio.create_task(streamed(service, TEXTS))
    with redis.Redis.from_url(store.url) as client:

        def noted() -> set[str]:
            return {key.decode().rpartition(":")[2] for key in client.scan_iter("vs:job:*", count=1_000)}

        await wait_until(lambda: len(noted()) >= len(TEXTS) // 2)
        await killed(service, work, store)
        in_jobs = noted()
    records = await streamed(start_service("twilio", "wavix", **settings), TEXTS)
    assert count(records, error_code="000") == len(TEXTS)
    assert {second.ledger.times_billed[digits] for digits in in_jobs} == {1}
    assert first.ledger.billed_total == 0
