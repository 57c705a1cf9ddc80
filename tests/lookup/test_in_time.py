"""A caller who waits is answered in time; what comes later is kept, and not paid for again."""

import asyncio
import time

import aiohttp
import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import Record, assert_coded, assert_true, count, listed, numbers, one, streamed
from tests.service import Service
from tests.waiting import wait_until

# A job that is done after a while, for callers who wait less long.
SLOW = {"progress": "time:6s:2"}
BY_JOBS = {"VALIDATOR_WAVIX_SYNC_MAX": "0", "VALIDATOR_SYNC_TIMEOUT": "1"}
STUCK_S = 900


async def test_a_list_is_answered_although_the_job_is_stuck(
    start_service: StartService, emulator: Emulator
) -> None:
    emulator.set_faults({"stuck": "1"})
    service = start_service(**BY_JOBS)
    began_s = time.monotonic()
    records = await listed(service, numbers(40))
    assert time.monotonic() - began_s < STUCK_S / 10
    assert [record["phone_number"] for record in records] == numbers(40)
    assert count(records, error_code="000") + count(records, error_code="041") == 40
    assert count(records, error_code="041") >= 20
    for record in records:
        if record["error_code"] == "041":
            assert_coded(record)
            assert (record["cost"], record["source"]) == ("0", "plan")


async def as_ndjson(service: Service, texts: list[str]) -> list[Record]:
    body = {"type": "validation", "phone_numbers": texts}
    async with (
        aiohttp.ClientSession(service.url, headers={"Accept": "application/x-ndjson"}) as client,
        client.post("/v1/validation", json=body) as response,
    ):
        assert response.status == 200
        return [orjson.loads(line) async for line in response.content]


@pytest.mark.parametrize("way", ["one", "list", "ndjson"])
async def test_what_comes_later_is_cached_and_the_next_asker_does_not_pay(
    start_service: StartService, emulator: Emulator, way: str
) -> None:
    emulator.set_faults(SLOW)
    service = start_service(**BY_JOBS)
    texts = numbers(1 if way == "one" else 30)

    async def asked(of: Service) -> list[Record]:
        if way == "one":
            return [await one(of, texts[0])]
        return await (listed if way == "list" else as_ndjson)(of, texts)

    assert {record["error_code"] for record in await asked(service)} == {"041"}
    # Another process that is asked meanwhile waits for what the first one paid for.
    assert {record["error_code"] for record in await asked(start_service(**BY_JOBS))} <= {"000", "041"}
    async with asyncio.timeout(60):
        while count(records := await asked(service), error_code="000") < len(texts):
            pass
    for record in records:
        assert_true(record)
    assert {record["source"] for record in await asked(service)} == {"cache"}
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == len(texts)
    assert emulator.ledger.requests_by_kind["async"] == 1


async def test_numbers_that_were_not_sent_in_time_are_not_sent_any_more(
    start_service: StartService, emulator: Emulator
) -> None:
    emulator.set_faults({"hang@sync": "1"})
    service = start_service(
        VALIDATOR_WAVIX_CONCURRENCY="1", VALIDATOR_WAVIX_TIMEOUT="3", VALIDATOR_SYNC_TIMEOUT="1"
    )
    hanging = asyncio.create_task(one(service, numbers(1)[0]))
    await wait_until(lambda: emulator.ledger.requests_total == 1)
    assert (await one(service, numbers(1, 1)[0]))["error_code"] == "041"
    assert (await hanging)["error_code"] == "041"
    emulator.set_faults({})
    async with asyncio.timeout(60):
        while (await one(service, numbers(1, 2)[0]))["error_code"] != "000":
            pass
    assert sorted(emulator.ledger.times_billed) == [numbers(1, 2)[0][1:]]


async def test_a_stream_is_not_cut_short(start_service: StartService, emulator: Emulator) -> None:
    emulator.set_faults(SLOW)
    records = await streamed(start_service(**BY_JOBS), numbers(20))
    assert count(records, error_code="000") == 20
