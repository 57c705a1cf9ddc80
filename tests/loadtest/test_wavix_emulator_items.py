"""Faults of the emulator in the answers themselves: items, jobs, funds, wordings."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from loadtest.wavix_emulator import Emulator, answer
from tests.loadtest.asking import NUMBERS, Asker

HUNDRED = NUMBERS[:100]


def numbers_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["phone_number"] for item in items]


def is_truth(item: dict[str, Any]) -> bool:
    """Whether the item, under the newer names, says what is true of its number."""
    expected = answer(item["phone_number"], "analysis")
    return bool(item["carrier_name"] == expected["carrier_name"] and item["valid"] == expected["is_valid"])


async def items_under(fault: str, value: str = "0.1", seed: int = 0) -> tuple[list[dict[str, Any]], Emulator]:
    """The items of a hundred numbers under one fault."""
    async with Emulator({fault: value}, seed=seed) as emulator, Asker(emulator) as asker:
        return await asker.items(HUNDRED), emulator


async def test_missing_items_are_billed() -> None:
    items, emulator = await items_under("missing")
    assert 70 < len(items) < 100
    assert numbers_of(items) == [number for number in HUNDRED if number in set(numbers_of(items))]
    assert emulator.ledger.billed_total == 100


async def test_duplicated_items_are_billed_once() -> None:
    items, emulator = await items_under("duplicated")
    assert set(numbers_of(items)) == set(HUNDRED)
    assert 100 < len(items) < 130
    assert emulator.ledger.max_times_billed == 1


async def test_items_with_fields_of_strange_types_are_billed() -> None:
    items, emulator = await items_under("strange")
    strange = [item for item in items if item["error_code"] == ["000"]]
    assert 0 < len(strange) < 30
    assert {item["charge"] for item in strange} == {"1e-999999"}
    assert emulator.ledger.billed_total == 100


async def test_reordered_items() -> None:
    items, _ = await items_under("reordered", "1")
    assert numbers_of(items) != HUNDRED
    assert sorted(numbers_of(items)) == HUNDRED
    assert all(is_truth(item) for item in items)


async def test_items_of_other_numbers() -> None:
    items, emulator = await items_under("foreign")
    strangers = [item for number, item in zip(HUNDRED, items, strict=True) if item["phone_number"] != number]
    assert 0 < len(strangers) < 30
    assert all(is_truth(item) for item in items)
    assert set(emulator.ledger.times_billed) == set(HUNDRED)


async def test_a_single_check_of_another_number() -> None:
    async with Emulator({"foreign": "1", "missing": "1"}) as emulator, Asker(emulator) as asker:
        assert (await asker.single(NUMBERS[0]))[1]["phone_number"] == NUMBERS[1]


async def test_a_stranger_for_no_number_at_all() -> None:
    async with Emulator({"foreign": "1"}) as emulator, Asker(emulator) as asker:
        assert numbers_of(await asker.items([""])) == ["1"]


async def test_a_new_job_never_takes_the_id_of_an_earlier_one() -> None:
    async with Emulator(seed=1) as emulator, Asker(emulator) as asker:
        first = await asker.start(HUNDRED)
        emulator.reset()
        assert await asker.start(HUNDRED) != first
        assert (await asker.poll(first))[0] == 404


async def test_the_same_seed_gives_the_same_items() -> None:
    first, again, other = [(await items_under("missing", seed=seed))[0] for seed in (3, 3, 4)]
    assert first == again != other


@pytest.mark.parametrize("fault", ["code013", "code041", "code042"])
async def test_lookups_that_fail_are_not_billed(fault: str) -> None:
    items, emulator = await items_under(fault)
    codes = Counter(item["error_code"] for item in items)
    assert codes.keys() == {"000", fault.removeprefix("code")}
    failed = [item for item in items if item["error_code"] != "000"]
    assert {(item["valid"], item["carrier_name"], item["charge"]) for item in failed} == {(False, None, "0")}
    assert emulator.ledger.billed_total == codes["000"]


async def test_lookups_that_fail_are_billed_by_setting() -> None:
    async with Emulator({"code042": "1"}, bill_failed=True) as emulator, Asker(emulator) as asker:
        assert {item["charge"] for item in await asker.items(HUNDRED)} == {"0.005"}
        assert emulator.ledger.billed_total == 100


async def test_funds_run_out_and_are_topped_up() -> None:
    async with Emulator({"funds": "4"}) as emulator, Asker(emulator) as asker:
        items = await asker.items(NUMBERS[:6])
        assert [item["error_code"] for item in items] == ["000"] * 4 + ["091"] * 2
        assert emulator.ledger.spend == Decimal("0.020")
        async with asker.session.post(f"{asker.admin_url}/top-up", json={"numbers": 1}) as response:
            assert await response.json() == {"funds": 1}
        items = await asker.items(NUMBERS[4:6])
        assert [item["error_code"] for item in items] == ["000", "091"]
        emulator.reset()
        assert emulator.ledger.funds == 4


async def test_a_partial_answer_bills_what_it_holds() -> None:
    async with Emulator({"partial": "first:1"}) as emulator, Asker(emulator) as asker:
        _, body = await asker.many(HUNDRED)
        held = len(body["items"])
        assert held < 100
        assert (body["count"], body["pending"], body["status"]) == (100, 100 - held, "in progress")
        assert emulator.ledger.billed_total == held
        assert (await asker.many(HUNDRED))[1]["pending"] == 0


async def test_a_partial_job_ends_without_the_rest() -> None:
    async with Emulator({"partial": "1"}) as emulator, Asker(emulator) as asker:
        _, body = await asker.poll(await asker.start(HUNDRED))
        assert (body["status"], body["count"], body["pending"]) == ("success", 100, 0)
        assert len(body["items"]) == emulator.ledger.billed_total < 100


async def test_a_job_goes_on_step_by_step() -> None:
    async with Emulator({"progress": "polls:4"}) as emulator, Asker(emulator) as asker:
        job_id = await asker.start(HUNDRED)
        seen = [(await asker.poll(job_id))[1] for _ in range(5)]
        assert [body["pending"] for body in seen] == [75, 50, 25, 0, 0]
        assert [len(body["items"]) for body in seen] == [25, 50, 75, 100, 100]
        assert [body["status"] for body in seen] == ["in progress"] * 3 + ["success"] * 2
        assert numbers_of(seen[3]["items"]) == HUNDRED
        assert emulator.ledger.max_times_billed == 1


async def test_a_job_goes_on_with_time() -> None:
    async with Emulator({"progress": "time:1000s:2"}) as emulator, Asker(emulator) as asker:
        job_id = await asker.start(HUNDRED)
        assert (await asker.poll(job_id))[1]["pending"] == 100
        emulator.jobs[job_id].started_s -= 500
        assert (await asker.poll(job_id))[1]["pending"] == 50
        emulator.jobs[job_id].started_s -= 500
        assert (await asker.poll(job_id))[1]["pending"] == 0


async def test_a_stuck_job_is_never_done() -> None:
    async with Emulator({"stuck": "1", "progress": "polls:2"}) as emulator, Asker(emulator) as asker:
        job_id = await asker.start(HUNDRED)
        seen = [(await asker.poll(job_id))[1] for _ in range(4)]
        assert [body["pending"] for body in seen] == [75, 50, 50, 50]
        assert len(seen[-1]["items"]) == emulator.ledger.billed_total == 50


async def test_success_while_numbers_are_pending() -> None:
    async with Emulator({"early_success": "1", "progress": "polls:2"}) as emulator, Asker(emulator) as asker:
        _, body = await asker.poll(await asker.start(HUNDRED))
        assert (body["status"], body["pending"]) == ("success", 50)


async def test_a_forgotten_job() -> None:
    async with Emulator({"forgotten": "at:2"}) as emulator, Asker(emulator) as asker:
        job_id = await asker.start(HUNDRED)
        assert [(await asker.poll(job_id))[0] for _ in range(3)] == [200, 404, 404]


async def test_items_missing_from_a_job_do_not_stay_pending() -> None:
    async with Emulator({"missing": "0.2", "progress": "polls:2"}) as emulator, Asker(emulator) as asker:
        job_id = await asker.start(HUNDRED)
        await asker.poll(job_id)
        _, body = await asker.poll(job_id)
        assert (body["pending"], body["status"]) == (0, "success")
        assert len(body["items"]) < 100


# Wordings


@pytest.mark.parametrize(
    ("names", "item_names", "id_names"),
    [
        ("old", {"is_valid", "phone_type", "cost"}, {"request_uuid"}),
        ("new", {"valid", "number_type", "charge"}, {"request_id"}),
        (
            "both",
            {"is_valid", "phone_type", "cost", "valid", "number_type", "charge"},
            {"request_uuid", "request_id"},
        ),
    ],
)
async def test_generations_of_names(names: str, item_names: set[str], id_names: set[str]) -> None:
    async with Emulator({"names": names}) as emulator, Asker(emulator) as asker:
        _, item = await asker.single()
        either = {"is_valid", "phone_type", "cost", "valid", "number_type", "charge"}
        assert item.keys() & either == item_names
        assert (await asker.many(HUNDRED, as_job=True))[1].keys() == id_names


@pytest.mark.parametrize(
    ("echo", "expected"), [("as-sent", ["971", "+971"]), ("plus", ["+971"] * 2), ("bare", ["971"] * 2)]
)
async def test_numbers_come_back_with_or_without_plus(echo: str, expected: list[str]) -> None:
    async with Emulator({"echo": echo}) as emulator, Asker(emulator) as asker:
        numbers = numbers_of(await asker.items([NUMBERS[0], f"+{NUMBERS[0]}"]))
        assert [number[: len(start)] for number, start in zip(numbers, expected, strict=True)] == expected
        assert {number.removeprefix("+") for number in numbers} == {NUMBERS[0]}


@pytest.mark.parametrize("status", ["in progress", "in_progress", "progress"])
async def test_spellings_of_the_status(status: str) -> None:
    async with Emulator({"status": status, "progress": "polls:2"}) as emulator, Asker(emulator) as asker:
        assert (await asker.poll(await asker.start(HUNDRED)))[1]["status"] == status


async def test_charge_and_error_code_of_another_type() -> None:
    async with Emulator({"charge": "number", "error_code": "int"}) as emulator, Asker(emulator) as asker:
        items = await asker.items([NUMBERS[0], "junk"])
        assert [(item["charge"], item["error_code"]) for item in items] == [(0.005, 0), (0, 21)]


async def test_mixed_wordings_change_from_reply_to_reply() -> None:
    async with Emulator({"names": "mixed", "error_code": "mixed"}) as emulator, Asker(emulator) as asker:
        replies = [(await asker.single())[1] for _ in range(30)]
        assert {frozenset(reply.keys() & {"cost", "charge"}) for reply in replies} == {
            frozenset({"cost"}),
            frozenset({"charge"}),
            frozenset({"cost", "charge"}),
        }
        assert {reply["error_code"] for reply in replies} == {"000", 0}


async def test_faults_combine() -> None:
    faults = {
        "http500": "at:1",
        "http503_after": "at:2",
        "code042": "0.2",
        "missing": "0.1",
        "reordered": "1",
    }
    async with Emulator(faults | {"names": "old"}, seed=2) as emulator, Asker(emulator) as asker:
        replies = [await asker.many(HUNDRED) for _ in range(3)]
        assert [status for status, _ in replies] == [500, 200, 503]
        items = replies[1][1]["items"]
        assert {item["error_code"] for item in items} == {"000", "042"}
        assert len(items) < 100
        assert emulator.faults.fired["code042"] == 200 - emulator.ledger.billed_total
