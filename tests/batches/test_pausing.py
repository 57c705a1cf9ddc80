"""Batches that wait: for the upstream, for funds, for their owner; and rows that are looked up again."""

import aiohttp

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, records
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text
from tests.lookup.paid import assert_true, numbers
from tests.waiting import wait_until


async def test_a_batch_waits_while_the_upstream_is_away(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve(**SMALL)
    emulator.set_faults({"http503": "1", "retry_after": "none"})
    texts = numbers(3_000)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="validation")
        shown = await reached(client, batch_id, "paused")
        assert str(shown["why"]).startswith("upstream_away")
        emulator.set_faults({})
        await reached(client, batch_id, "success")
        for record in await records(client, batch_id):
            assert_true(record)
    assert emulator.ledger.max_times_billed == 1


async def test_a_batch_waits_for_funds_and_counts_what_it_cost(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve(VALIDATOR_WAVIX_PROBE="0.5", **SMALL)
    emulator.ledger.funds = 500
    texts = numbers(1_500)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="validation")
        shown = await reached(client, batch_id, "paused")
        assert str(shown["why"]).startswith("no_funds")
        emulator.ledger.funds = None
        shown = await reached(client, batch_id, "success")
        assert (shown["paid"], shown["cost"], shown["unknown"]) == (1_500, "15", 0)
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 1_500


async def test_only_rows_whose_lookup_failed_are_looked_up_again(
    paying: Processes, emulator: Emulator
) -> None:
    service = paying.serve(**SMALL)
    emulator.set_faults({"code042": "0.2"})
    texts = numbers(1_000)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="validation")
        shown = await reached(client, batch_id, "success")
        unknown = shown["unknown"]
        assert isinstance(unknown, int)
        assert 0 < unknown < 1_000
        assert len(await records(client, batch_id, only="unknown")) == unknown
        emulator.set_faults({})
        assert (await act(client, batch_id, "retry"))[1]["pending"] == unknown
        shown = await reached(client, batch_id, "success")
        assert (shown["unknown"], shown["pending"], shown["paid"]) == (0, 0, 1_000)
        answered = await records(client, batch_id)
    assert [record["phone_number"] for record in answered] == texts
    assert emulator.ledger.max_times_billed == 1


async def test_a_batch_stops_before_it_costs_more_than_it_may(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(1_000)), type="validation", max_cost="2.5")
        shown = await reached(client, batch_id, "paused")
        assert str(shown["why"]).startswith("max_cost")
        assert (shown["paid"], shown["cost"]) == (200, "2")
        status, _ = await act(client, batch_id, "resume", max_cost="100")
        assert status == 200
        shown = await reached(client, batch_id, "success")
        assert (shown["paid"], shown["cost"]) == (1_000, "10")


async def test_a_small_batch_is_not_stuck_behind_a_huge_one(paying: Processes, emulator: Emulator) -> None:
    emulator.set_faults({"latency": "100ms"})
    service = paying.serve(VALIDATOR_WAVIX_SYNC_MAX="1000", VALIDATOR_WAVIX_RATE="20", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        huge = await posted(client, as_text(numbers(50_000)), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total)
        small = await posted(client, as_text(numbers(150, 90_000)), type="analysis")
        await reached(client, small, "success")
        async with client.get(f"/v1/batches/{huge}") as response:
            shown = await response.json()
        assert shown["status"] == "progress"
        assert shown["pending"] > 20_000
        await act(client, huge, "cancel")
