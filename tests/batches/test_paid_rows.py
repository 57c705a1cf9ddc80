"""Money in batches: every row is asked, none twice, and what is told as paid is what was billed."""

import asyncio
import signal

import aiohttp
import pytest

from loadtest.chaos_paid import Wanted, run
from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, records, state
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text, free_claims
from tests.lookup.paid import assert_true, count, numbers
from tests.store import Store
from tests.waiting import wait_until

WITHIN_S = 90
MAY_HAVE_BILLED = ({"http502": "1"}, {"reset": "1"})
# Nothing goes on by itself within a test.
NO_PROBE = {"VALIDATOR_WAVIX_PROBE": "3600"}


async def test_rows_that_were_not_asked_for_lack_of_funds_are_asked_when_resumed(
    paying: Processes, emulator: Emulator
) -> None:
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    paying.worker(**NO_PROBE)
    emulator.set_faults({"funds": "100", "progress": "polls:2"})
    texts = numbers(3_000)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="validation")
        shown = await reached(client, batch_id, "paused")
        assert str(shown["why"]).startswith("no_funds")
        assert (shown["paid"], shown["cost"], shown["unknown"]) == (100, "1", 0)
        emulator.top_up(10_000)
        while (await act(client, batch_id, "resume"))[0] == 409:
            await reached(client, batch_id, "paused")
        shown = await reached(client, batch_id, "success", WITHIN_S)
        assert (shown["paid"], shown["cost"], shown["unknown"]) == (3_000, "30", 0)
        for record in await records(client, batch_id):
            assert_true(record)
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 3_000


@pytest.mark.parametrize(
    "fault",
    [
        {"http503": "1"},
        {"http503": "1", "retry_after": "none"},
        {"http429": "1"},
        {"http401": "1"},
        {"http502": "1"},
        {"reset": "1"},
        {"http503@poll": "1"},
        {"http502@poll": "1"},
        {"http401@poll": "1"},
    ],
)
async def test_an_upstream_that_was_away_leaves_no_row_unasked(
    paying: Processes, emulator: Emulator, fault: dict[str, str]
) -> None:
    service = paying.serve(VALIDATOR_WAVIX_PROBE="0.5", VALIDATOR_WAVIX_JOB_TIMEOUT="3")
    emulator.set_faults({"latency": "50ms"} | fault)
    texts = numbers(2_500)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="analysis")
        await reached(client, batch_id, "paused", WITHIN_S)
        if fault in MAY_HAVE_BILLED:
            # It takes failures in a row to tell an upstream that is away from one that fails now and then.
            await wait_until(lambda: any(b"circuit_breaker_opened" in line for line in service.log))
        emulator.set_faults({})
        shown = await reached(client, batch_id, "success", WITHIN_S)
        assert (shown["paid"], shown["unknown"]) == (2_500, 0)
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 2_500


async def test_an_outage_in_the_middle_of_a_batch(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve(VALIDATOR_WAVIX_SYNC_MAX="1000", VALIDATOR_WAVIX_RATE="20", **SMALL)
    emulator.set_faults({"latency": "50ms"})
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(5_000)), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total > 1_000)
        emulator.set_faults({"http503": "1", "retry_after": "none"})
        await reached(client, batch_id, "paused", WITHIN_S)
        emulator.set_faults({})
        shown = await reached(client, batch_id, "success", WITHIN_S)
        assert (shown["paid"], shown["unknown"], shown["cached"]) == (5_000, 0, 0)
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 5_000


async def test_numbers_that_fail_for_ever_stand_and_the_batch_ends(
    paying: Processes, emulator: Emulator
) -> None:
    service = paying.serve(**SMALL)
    emulator.set_faults({"code042": "0.5", "code041": "0.5"})
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(500)), type="validation")
        shown = await reached(client, batch_id, "success", WITHIN_S)
        unknown = shown["unknown"]
        assert isinstance(unknown, int)
        assert unknown > 250
        assert shown["paid"] == 500 - unknown
    assert sum(entry.asked for entry in emulator.ledger.requests) == 500


async def test_an_upstream_that_bills_and_answers_nothing_is_not_paid_over_and_over(
    paying: Processes, emulator: Emulator
) -> None:
    service = paying.serve(VALIDATOR_WAVIX_SYNC_MAX="1000", VALIDATOR_WAVIX_PROBE="0.2", **SMALL)
    emulator.set_faults({"http500_after": "1"})
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(1_000)), type="validation")
        # The breaker opens, and is tried again and again, with one number each time.
        await wait_until(lambda: sum(entry.asked == 1 for entry in emulator.ledger.requests) >= 2, WITHIN_S)
        assert (await act(client, batch_id, "cancel"))[0] == 200
    assert emulator.ledger.max_times_billed <= 8
    assert emulator.ledger.billed_total <= 5 * 1_000


# Of a batch that is large: small ones have a queue of their own.
LATER = 1_001


async def quiet(client: aiohttp.ClientSession, emulator: Emulator) -> None:
    """Wait until a batch that came later is answered: whatever was before it in the queue had its turn."""
    later = as_text(numbers(LATER, 900_000))
    await reached(client, await posted(client, later, type="analysis"), "success", 90)


@pytest.mark.parametrize("action", ["cancel", "delete"])
@pytest.mark.parametrize("sync_max", ["0", "1000"])
async def test_nothing_is_sent_once_a_batch_is_canceled_or_deleted(
    paying: Processes, emulator: Emulator, action: str, sync_max: str
) -> None:
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    paying.worker(
        VALIDATOR_WAVIX_CONCURRENCY="2", VALIDATOR_WAVIX_SYNC_MAX=sync_max, VALIDATOR_WAVIX_RATE="20"
    )
    emulator.set_faults({"latency": "300ms", "progress": "polls:3"})
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(20_000)), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total)
        if action == "cancel":
            assert (await act(client, batch_id, "cancel"))[0] == 200
        else:
            async with client.delete(f"/v1/batches/{batch_id}") as response:
                assert response.status == 204
        sent = sum(entry.asked for entry in emulator.ledger.requests)
        await quiet(client, emulator)
        # A request may have been on its way while the state changed.
        assert sum(entry.asked for entry in emulator.ledger.requests) - sent <= LATER + 1_000
        if action == "cancel":
            assert (await state(client, batch_id))["paid"] == emulator.ledger.billed_total - LATER


async def test_a_request_that_is_turned_away_is_not_repeated_for_a_canceled_batch(
    paying: Processes, emulator: Emulator
) -> None:
    service = paying.serve()
    emulator.set_faults({"http429": "1"})
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(1_000)), type="analysis")
        await wait_until(lambda: emulator.ledger.requests_total)
        assert (await act(client, batch_id, "cancel"))[0] == 200
        emulator.set_faults({})
        await quiet(client, emulator)
    assert emulator.ledger.billed_total == LATER


async def test_what_a_killed_worker_paid_is_told_before_and_after_others_go_on(
    paying: Processes, emulator: Emulator, store: Store
) -> None:
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    worker = paying.worker(VALIDATOR_SEGMENT_ROWS_UPSTREAM="1000")
    # Half a job's answers come, and the rest not before long.
    emulator.set_faults({"progress": "time:20s:2"})
    texts = numbers(1_000)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="validation")
        async with asyncio.timeout(WITHIN_S):
            while (shown := await state(client, batch_id))["paid"] != 500:
                assert shown["paid"] == 0
                await asyncio.sleep(0.05)
        await asyncio.to_thread(worker.stop, signal.SIGKILL)
        shown = await state(client, batch_id)
        assert (shown["paid"], shown["cost"], shown["pending"]) == (500, "5", 1_000)
        free_claims(store)
        paying.worker()
        shown = await reached(client, batch_id, "success", WITHIN_S)
        assert (shown["paid"], shown["cost"], shown["cached"]) == (1_000, "10", 0)
        answered = await records(client, batch_id)
    assert count(answered, source="wavix", cost="0.01") == 1_000
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 1_000


async def test_a_number_in_several_rows_is_told_as_paid_once(paying: Processes, emulator: Emulator) -> None:
    service = paying.serve(**SMALL)
    rows = [f"{n},{region}" for n in numbers(120) for region in ("ID", "US", "ID")]
    body = "\n".join(["phone,country", *rows]).encode()
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, body, "text/csv", type="validation", country="column:country")
        shown = await reached(client, batch_id, "success", WITHIN_S)
        answered = await records(client, batch_id)
    assert (shown["paid"], shown["cost"], shown["cached"]) == (120, "1.2", 240)
    assert (count(answered, cost="0.01"), count(answered, cost="0")) == (120, 240)
    assert emulator.ledger.billed_total == 120


async def test_funds_gone_and_back_while_workers_are_killed() -> None:
    await run(Wanted("funds", 1_500, 2.0, seed=7))


async def test_an_outage_while_workers_are_killed() -> None:
    await run(Wanted("outage", 3_000, 2.0, seed=8, outage_s=3.0, settings=(("VALIDATOR_WAVIX_RATE", "5"),)))
