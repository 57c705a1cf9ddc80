"""What a paid answer looks like, and when it is paid for."""

import asyncio
from decimal import Decimal

import aiohttp
import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import KEY, StartService
from tests.lookup.paid import assert_true, count, listed, numbers, one, streamed
from tests.store import Store

NUMBER = "+6281234567000"


async def test_the_first_answer_is_paid_for_and_the_next_is_cached(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service()
    first = await one(service, NUMBER)
    assert_true(first)
    assert (first["source"], first["cost"], first["charge"]) == ("wavix", "0.01", "0.01")
    again = await one(service, "0062 812 3456 7000")
    assert_true(again)
    assert (again["source"], again["cost"]) == ("cache", "0")
    assert emulator.ledger.billed_total == 1


async def test_a_second_service_finds_what_the_first_paid_for(
    start_service: StartService, emulator: Emulator
) -> None:
    await one(start_service(), NUMBER)
    assert (await one(start_service(), NUMBER))["source"] == "cache"
    assert emulator.ledger.billed_total == 1


async def test_format_and_invalid_numbers_never_go_upstream(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service()
    assert (await one(service, NUMBER, "format"))["source"] == "plan"
    for record in await listed(service, ["", "+62 812", "+62 21 000 000", "nothing"]):
        assert (record["source"], record["cost"], record["is_valid"]) == ("plan", "0", False)
    assert emulator.ledger.requests_total == 0


async def test_equal_numbers_of_a_request_are_paid_for_once(
    start_service: StartService, emulator: Emulator
) -> None:
    texts = [NUMBER, "6281234567000", "+62 812-3456-7000", "+6281234567001"]
    records = await listed(start_service(), texts)
    assert [record["phone_number"] for record in records] == texts
    assert [record["source"] for record in records] == ["wavix", "cache", "cache", "wavix"]
    assert [record["cost"] for record in records] == ["0.01", "0", "0", "0.01"]
    assert emulator.ledger.billed_total == 2


async def test_a_validation_answers_an_analysis_but_not_the_other_way(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service()
    await one(service, NUMBER, "validation")
    assert (await one(service, NUMBER, "analysis"))["source"] == "cache"
    await one(service, "+6281234567001", "analysis")
    assert (await one(service, "+6281234567001", "validation"))["source"] == "wavix"
    assert emulator.ledger.billed_total == 3


async def test_force_asks_anew_and_renews_the_cache(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    await one(service, NUMBER)
    assert (await listed(service, [NUMBER, NUMBER], force=True))[0]["source"] == "wavix"
    assert (await one(service, NUMBER))["source"] == "cache"
    assert emulator.ledger.billed_total == 2


async def test_max_age_says_how_old_an_answer_may_be(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    await one(service, NUMBER)
    assert (await one(service, NUMBER, max_age="60"))["source"] == "cache"
    assert (await one(service, NUMBER, max_age="0"))["source"] == "wavix"
    assert emulator.ledger.billed_total == 2


async def test_a_failed_lookup_is_coded_and_not_kept(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    emulator.set_faults({"code042": "1"})
    failed = await one(service, NUMBER)
    assert (failed["error_code"], failed["is_valid"], failed["carrier_name"]) == ("042", True, "Telkomsel")
    assert (failed["reachable"], failed["cost"], failed["source"]) == (None, "0", "plan")
    emulator.set_faults({})
    assert_true(await one(service, NUMBER))


async def test_lists_above_the_sync_limit_go_by_jobs(start_service: StartService, emulator: Emulator) -> None:
    emulator.set_faults({"progress": "polls:3"})
    records = await streamed(start_service(VALIDATOR_WAVIX_SYNC_MAX="10"), numbers(3_000))
    assert [record["phone_number"] for record in records] == numbers(3_000)
    for record in records:
        assert_true(record)
    assert emulator.ledger.requests_by_kind["async"] >= 3
    assert emulator.ledger.requests_by_kind["sync"] == 0
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 3_000


async def test_a_list_over_the_limit_is_refused_only_where_it_costs(start_service: StartService) -> None:
    service = start_service(VALIDATOR_SYNC_MAX_UPSTREAM="5")
    assert len(await listed(service, numbers(6), "format")) == 6
    body = {"type": "analysis", "phone_numbers": numbers(6)}
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.post("/v1/validation", json=body) as response,
    ):
        assert response.status == 413
        assert "at most 5" in (await response.json())["message"]


async def test_every_key_expires(start_service: StartService, emulator: Emulator, store: Store) -> None:
    emulator.set_faults({"progress": "polls:2"})
    service = start_service(VALIDATOR_WAVIX_SYNC_MAX="10")
    await asyncio.gather(streamed(service, numbers(500)), one(service, NUMBER, "analysis"))
    with redis.Redis.from_url(store.url) as client:
        # The task library's own few keys are permanent.
        keys = [key for key in client.scan_iter(count=10_000) if not key.startswith(b"vs:docket:")]
        assert len(keys) > 500
        assert not [key for key in keys if client.ttl(key) == -1]
        assert not [key for key in keys if key.startswith((b"vs:claim:", b"vs:job:"))]


async def test_the_figures_tell_what_was_spent_and_saved(
    start_service: StartService, emulator: Emulator
) -> None:
    service = start_service()
    await listed(service, [NUMBER, NUMBER, "nothing"])
    await one(service, NUMBER)
    async with aiohttp.ClientSession(service.url) as client, client.get("/metrics") as response:
        assert response.status == 200
        figures = await response.text()
    assert 'validator_lookups_total{error_code="000",source="wavix",type="validation"} 1.0' in figures
    assert 'validator_lookups_total{error_code="000",source="cache",type="validation"} 2.0' in figures
    assert 'validator_lookups_total{error_code="021",source="plan",type="validation"} 1.0' in figures
    assert 'validator_spent_usd_total{supplier="wavix",type="validation"} 0.01' in figures
    for why in ("invalid", "duplicate", "cached"):
        assert f'validator_saved_total{{why="{why}"}} 1.0' in figures
    assert 'validator_upstream_state{state="closed",supplier="wavix"} 1.0' in figures
    assert Decimal("0.01") == emulator.ledger.spend


async def test_the_account_key_never_reaches_the_log(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    emulator.set_faults({"http401": "1"})
    assert (await one(service, NUMBER))["error_code"] == "042"
    assert not [line for line in service.log if KEY.encode() in line or b"81234567000" in line]


@pytest.mark.parametrize("wording", ["old", "new", "both", "mixed"])
async def test_either_generation_of_names_is_understood(
    start_service: StartService, emulator: Emulator, wording: str
) -> None:
    emulator.set_faults(
        {
            "names": wording,
            "echo": "mixed",
            "status": "mixed",
            "charge": "mixed",
            "error_code": "mixed",
            "progress": "polls:2",
        }
    )
    for sync_max in ("0", "1000"):
        records = await listed(start_service(VALIDATOR_WAVIX_SYNC_MAX=sync_max), numbers(50, int(sync_max)))
        for record in records:
            assert_true(record)
        assert count(records, cost="0.01") == 50
