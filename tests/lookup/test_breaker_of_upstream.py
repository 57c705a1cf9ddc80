"""When asking is pointless nobody asks, nobody waits, and an operator is told."""

import asyncio
import time

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_coded, assert_true, count, listed, numbers, one, streamed
from tests.service import Service
from tests.waiting import PATIENCE_S

QUEUED = "validator_upstream_queued "


async def ready(service: Service) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession(service.url) as client, client.get("/readyz") as response:
        return response.status, await response.json()


async def until_answered(service: Service, number: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while (record := await one(service, number))["error_code"] != "000":
        assert time.monotonic() < deadline_s
    assert_true(record)


async def test_a_refused_key_is_reported_and_not_tried_for_ever(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service(VALIDATOR_WAVIX_APPID="wrong", VALIDATOR_WAVIX_PROBE="30")
    assert await ready(service) == (200, {"status": "ready", "upstream": "closed"})
    for number in numbers(20):
        assert_coded(await one(service, number))
    assert emulator.ledger.requests_total == 1
    status, body = await ready(service)
    assert (status, body["code"]) == (503, "upstream_refused")
    assert "VALIDATOR_WAVIX_APPID" in body["message"]
    assert any(b"refused" in line for line in service.log)


async def test_a_key_that_works_again_is_noticed(start_service: StartService, emulator: Emulator) -> None:
    service = start_service(VALIDATOR_WAVIX_PROBE="0.3")
    emulator.set_faults({"http403": "1"})
    assert_coded(await one(service, numbers(1)[0]))
    assert (await ready(service))[0] == 503
    emulator.set_faults({})
    await until_answered(service, numbers(1)[0])
    assert (await ready(service))[0] == 200


async def test_no_funds_stops_spending_until_there_are_some(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service(VALIDATOR_WAVIX_PROBE="0.3")
    emulator.set_faults({"funds": "10"})
    records = await listed(service, numbers(30))
    assert count(records, error_code="091") == 20
    assert count(records, error_code="000") == 10
    asked, began_s = emulator.ledger.requests_total, time.monotonic()
    for number in numbers(20, 100):
        assert (await one(service, number))["error_code"] == "091"
    # Of what was asked meanwhile only what was due; nothing when it is over soon.
    assert emulator.ledger.requests_total - asked <= 1 + (time.monotonic() - began_s) / 0.3
    assert (await ready(service))[1]["upstream"] == "no_funds"
    emulator.top_up(100)
    await until_answered(service, numbers(1, 500)[0])
    assert emulator.ledger.max_times_billed == 1


async def test_the_breaker_fails_fast_while_the_upstream_is_away(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service()
    emulator.set_faults({"http500": "1"})
    for number in numbers(8):
        assert_coded(await one(service, number))
    asked = emulator.ledger.requests_total
    began_s = time.monotonic()
    for number in numbers(100, 100):
        assert_coded(await one(service, number))
    if time.monotonic() - began_s < 1:
        assert emulator.ledger.requests_total == asked
    emulator.set_faults({})
    await until_answered(service, numbers(1)[0])


async def queued(service: Service) -> float:
    async with aiohttp.ClientSession(service.url) as client, client.get("/metrics") as response:
        (line,) = [each for each in (await response.text()).splitlines() if each.startswith(QUEUED)]
    return float(line.removeprefix(QUEUED))


async def until_queued(service: Service, some: bool) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while (await queued(service) > 0) is not some:
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("end", ["answered", "failed", "given up"])
async def test_the_figure_of_what_is_queued_goes_back_to_nothing(
    start_service: StartService, emulator: Emulator, end: str
) -> None:
    service = start_service(VALIDATOR_WAVIX_CONCURRENCY="1", VALIDATOR_WAVIX_SYNC_MAX="1000")
    emulator.set_faults({"latency": "1s"})
    work = asyncio.create_task(streamed(service, numbers(5_000)))
    await until_queued(service, some=True)
    if end == "given up":
        work.cancel()
    elif end == "failed":
        emulator.set_faults({"http401": "1"})
    await asyncio.gather(work, return_exceptions=True)
    await until_queued(service, some=False)


async def test_an_upstream_that_cannot_be_reached(start_service: StartService) -> None:
    service = start_service(VALIDATOR_WAVIX_URL="http://127.0.0.1:9")
    record = await one(service, numbers(1)[0])
    assert_coded(record)
    assert (await one(service, numbers(1)[0], "format"))["error_code"] == "000"
