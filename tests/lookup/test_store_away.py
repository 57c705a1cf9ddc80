"""The store away under load: what the plan knows goes on, what costs waits or says 503, then all is well."""

import asyncio

import aiohttp

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_true, numbers, one, streamed
from tests.service import Service
from tests.store import Store
from tests.waiting import wait_until


async def status_of(service: Service, request_type: str, number: str) -> tuple[int, str | None]:
    params = {"phone_number": number, "type": request_type}
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.get("/v1/validation", params=params) as response,
    ):
        return response.status, response.headers.get("Retry-After")


async def test_free_answers_go_on_and_paid_ones_say_503(
    start_service: StartService, emulator: Emulator, store: Store
) -> None:
    service = start_service()
    await one(service, numbers(1)[0])
    store.kill()
    assert await status_of(service, "format", numbers(1)[0]) == (200, None)
    status, retry_after = await status_of(service, "validation", numbers(2)[1])
    assert status == 503
    assert int(retry_after or 0) > 0
    store.start()
    assert_true(await one(service, numbers(2)[1]))
    assert (await one(service, numbers(1)[0]))["source"] == "cache"
    assert emulator.ledger.billed_total == 2


async def test_a_stream_waits_for_the_store_and_pays_once(
    start_service: StartService, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "50ms", "progress": "polls:2"})
    service = start_service(VALIDATOR_WAVIX_SYNC_MAX="500", VALIDATOR_WAVIX_RATE="20")
    texts = numbers(12_000)
    work = asyncio.create_task(streamed(service, texts))
    await wait_until(lambda: emulator.ledger.billed_total >= 2_000)
    store.kill()
    free = await streamed(service, texts[:1_000], "format")
    assert [record["source"] for record in free] == ["plan"] * len(free)
    store.start()
    records = await work
    assert [record["phone_number"] for record in records] == texts
    for record in records[::100]:
        assert_true(record)
    assert emulator.ledger.max_times_billed == 1


async def test_a_store_that_hangs_is_a_store_that_is_away(start_service: StartService, store: Store) -> None:
    service = start_service()
    await one(service, numbers(1)[0])
    store.pause()
    try:
        assert (await status_of(service, "validation", numbers(2)[1]))[0] == 503
        assert (await status_of(service, "format", numbers(2)[1]))[0] == 200
    finally:
        store.go_on()
    assert_true(await one(service, numbers(2)[1]))
