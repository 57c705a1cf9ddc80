"""Every supplier through the same tests: paid once, right where it was right, coded where it was not."""

import asyncio
from decimal import Decimal

import pytest

from loadtest.lookup_emulators import EMULATORS
from loadtest.wavix_emulator import Emulator, answer
from tests.lookup.paid import Record, assert_coded, count, numbers, streamed
from tests.upstreams.paying import KEY_SETTING, StartService, emulators, start_service, store
from validator_svc.upstreams.twilio import mapping as twilio

__all__ = ["emulators", "start_service", "store"]

# What each tells of a number; it leaves null what it does not.
TELLS = {
    "wavix": ("ported", "carrier_name", "mcc", "mnc", "reachable", "roaming"),
    "telnyx": ("ported", "carrier_name"),
    "twilio": ("carrier_name", "mcc", "mnc"),
    "signalwire": ("carrier_name",),
}
# USD a validation.
PRICES = {"wavix": "0.01", "telnyx": "0.0025", "twilio": "0.008", "signalwire": "0.0025"}
NEVER_TOLD = dict.fromkeys(EMULATORS, ("reachable", "roaming"))


def assert_right(record: Record, supplier: str) -> None:
    """The record says what the supplier knows."""
    truth = answer(str(record["e164_format"])[1:], "validation")
    assert record["is_valid"] is truth["is_valid"]
    if not truth["is_valid"]:
        assert record["reason"] == "rejected_upstream"
        return
    for name in NEVER_TOLD.get(supplier, ()):
        assert record[name] is None, name
    if truth["carrier_name"] is not None:
        for name in TELLS[supplier]:
            assert record[name] == truth[name], name


@pytest.mark.parametrize("supplier", KEY_SETTING)
async def test_each_number_is_paid_for_once(
    start_service: StartService, emulators: dict[str, Emulator], supplier: str
) -> None:
    service, ledger = start_service(supplier), emulators[supplier].ledger
    texts = [*numbers(300), *numbers(50), "+62 812", "none"]
    records = await streamed(service, texts)
    assert [record["phone_number"] for record in records] == texts
    assert ledger.billed_total == ledger.distinct_numbers == 300
    assert count(records, source=supplier) == 300
    assert count(records, source="cache") == 50
    for record in records[:300]:
        assert_right(record, supplier)
    again = await streamed(service, numbers(300))
    assert count(again, source="cache", cost="0") == 300
    assert ledger.billed_total == 300
    # Lists that overlap, at two services at the same time.
    emulators[supplier].set_faults({"latency": "uniform:5ms:60ms", "progress": "polls:2"})
    services = [service, start_service(supplier)]
    lists = [numbers(200, start) for start in (1_000, 1_050, 1_100, 1_150)]
    answers = await asyncio.gather(*(streamed(services[at % 2], each) for at, each in enumerate(lists)))
    assert ledger.billed_total == ledger.distinct_numbers == 300 + 350
    assert sum(count(each, source=supplier) for each in answers) == 350
    assert all(count(each, error_code="000") == 200 for each in answers)


FAULTS = {
    name: {name: "0.3"}
    for name in (
        *("http500", "reset", "reset_after", "truncated", "malformed", "html", "wrong_shape"),
        *("foreign", "strange", "code042", "cut_off"),
    )
} | {"http429": {"http429": "0.3", "retry_after": "none"}, "slow": {"slow": "0.3", "slow_for": "200ms"}}


@pytest.mark.parametrize("supplier", EMULATORS)
async def test_under_every_fault_each_row_is_answered(
    start_service: StartService, emulators: dict[str, Emulator], supplier: str
) -> None:
    service, emulator = start_service(supplier), emulators[supplier]
    for at, (name, faults) in enumerate(FAULTS.items()):
        emulator.set_faults(faults, seed=at)
        texts = numbers(30, start=1_000 * at)
        records = await streamed(service, texts)
        assert [record["phone_number"] for record in records] == texts
        for record in records:
            if record["error_code"] == "000":
                assert_right(record, supplier)
            else:
                assert_coded(record)
        assert emulator.ledger.max_times_billed <= 1, name


TURNED_AWAY = {
    "refused": {"http401": "1"},
    "no funds": {"funds": "0"},
    "429 for ever": {"http429": "1", "retry_after": "none"},
}


async def test_what_does_not_reach_the_first_the_second_answers(
    start_service: StartService, emulators: dict[str, Emulator]
) -> None:
    service = start_service("twilio", "wavix", VALIDATOR_TWILIO_URL="http://127.0.0.1:9")
    records = await streamed(service, numbers(40))
    assert count(records, source="wavix", error_code="000") == 40
    assert emulators["wavix"].ledger.billed_total == 40


@pytest.mark.parametrize("fault", ["reset_after", "http500_after", "truncated"])
async def test_what_was_lost_at_the_first_is_not_paid_for_at_the_second(
    start_service: StartService, emulators: dict[str, Emulator], fault: str
) -> None:
    first, second = emulators["signalwire"], emulators["wavix"]
    first.set_faults({fault: "1"})
    records = await streamed(start_service("signalwire", "wavix"), numbers(60))
    for record in records:
        if record["error_code"] == "000":
            assert_right(record, "wavix")
        else:
            assert_coded(record)
    # Once the breaker is open the second one answers; what was lost before stays so.
    assert count(records, source="wavix") > 0
    assert not set(first.ledger.times_billed) & set(second.ledger.times_billed)


FAILING = {
    **TURNED_AWAY,
    "reset before it was billed": {"reset": "0.5"},
    "reset after it was billed": {"reset_after": "0.5"},
    "slow": {"slow": "1", "slow_for": "100ms"},
    "slower than it may be": {"slow": "0.3", "slow_for": "3s"},
    "a breaker that opens": {"http500": "1"},
    "wrong numbers": {"foreign": "0.5"},
    "all of it": {
        "reset_after": "0.1",
        "foreign": "0.1",
        "http429": "0.3",
        "slow": "0.3",
        "slow_for": "50ms",
    },
}


@pytest.mark.parametrize("way", FAILING)
async def test_however_the_first_fails_no_number_is_paid_for_twice(
    start_service: StartService, emulators: dict[str, Emulator], way: str
) -> None:
    first, second = emulators["telnyx"], emulators["twilio"]
    first.set_faults(FAILING[way], seed=2)
    texts = numbers(60)
    timeout_s = "1" if way == "slower than it may be" else "120"
    records = await streamed(start_service("telnyx", "twilio", VALIDATOR_TELNYX_TIMEOUT=timeout_s), texts)
    assert [record["phone_number"] for record in records] == texts
    for record in records:
        if record["error_code"] == "000":
            assert_right(record, str(record["source"]))
        else:
            assert_coded(record)
    paid = first.ledger.times_billed + second.ledger.times_billed
    # What was lost may have been paid for, and is not asked for elsewhere: it never costs a second time.
    assert max(paid.values()) == 1
    assert set(paid) <= {text[1:] for text in texts}
    answered = count(records, error_code="000")
    assert answered <= paid.total() <= len(texts)
    if way in TURNED_AWAY or way == "slow":
        assert answered == paid.total() == len(texts)
    if way in TURNED_AWAY:
        assert first.ledger.billed_total == 0
    if way == "a breaker that opens":
        # What was lost until it did stays lost, as it might have been billed; the others go to the second.
        assert count(records, source="twilio") == second.ledger.billed_total == answered > 0
        assert first.ledger.billed_total == 0


FILLED = {
    # First, second, what is to be filled in, and what the second one can say of it.
    ("twilio", "wavix", "ported,reachable,roaming"): ("ported", "reachable", "roaming"),
    ("signalwire", "telnyx", "ported"): ("ported",),
    ("telnyx", "twilio", "mcc,mnc"): ("mcc", "mnc"),
}


@pytest.mark.parametrize(("first", "second", "fill"), FILLED)
async def test_what_the_first_leaves_out_the_second_fills_in(
    start_service: StartService, emulators: dict[str, Emulator], first: str, second: str, fill: str
) -> None:
    texts = numbers(60)
    # Off by default.
    for record in await streamed(start_service(first, second), texts[:10]):
        if record["is_valid"]:
            assert_right(record, first)
    assert emulators[second].ledger.billed_total == 0
    service = start_service(first, second, VALIDATOR_UPSTREAMS_FILL=fill)
    records = await streamed(service, texts[10:])
    assert [record["source"] for record in records] == [first] * 50
    prices = {name: Decimal(PRICES[name]) for name in (first, second)}
    for record in records:
        truth = answer(str(record["e164_format"])[1:], "validation")
        if not truth["is_valid"]:
            assert record["reason"] == "rejected_upstream"
            continue
        assert Decimal(str(record["cost"])) == sum(prices.values())
        for name in FILLED[first, second, fill] if truth["carrier_name"] is not None else ():
            assert record[name] == truth[name], name
    asked = {str(record["phone_number"])[1:] for record in records if record["is_valid"]}
    assert set(emulators[second].ledger.times_billed) == asked
    assert emulators[first].ledger.billed_total == len(texts)
    assert emulators[second].ledger.max_times_billed == emulators[first].ledger.max_times_billed == 1
    # The cache has what both said.
    same = [each for each in records[0] if each not in ("source", "cost")]
    for record, again in zip(records, await streamed(service, texts[10:]), strict=True):
        assert again["source"] == "cache"
        assert [record[name] for name in same] == [again[name] for name in same]
    assert emulators[second].ledger.billed_total == len(asked)


@pytest.mark.parametrize("fault", [{"http401": "1"}, {"funds": "0"}, {"reset_after": "1"}, {"foreign": "1"}])
async def test_when_the_second_cannot_fill_in_the_first_stands(
    start_service: StartService, emulators: dict[str, Emulator], fault: dict[str, str]
) -> None:
    emulators["telnyx"].set_faults(fault)
    service = start_service("signalwire", "telnyx", VALIDATOR_UPSTREAMS_FILL="ported")
    for record in await streamed(service, numbers(20)):
        assert (record["error_code"], record["source"]) == ("000", "signalwire")
        assert_right(record, "signalwire")
    assert emulators["signalwire"].ledger.max_times_billed == 1
    assert emulators["telnyx"].ledger.max_times_billed <= 1
    assert emulators["signalwire"].ledger.billed_total == 20


async def test_numbers_go_by_country(start_service: StartService, emulators: dict[str, Emulator]) -> None:
    service = start_service("telnyx", "twilio", VALIDATOR_UPSTREAMS="telnyx:US,CA;twilio:ID")
    texts = ["+12015550123", "+6281234567000", "+442079460000"]
    records = await streamed(service, texts)
    assert [record["source"] for record in records] == ["telnyx", "twilio", "plan"]
    assert [record["error_code"] for record in records] == ["000", "000", "042"]
    assert emulators["telnyx"].ledger.billed_total == emulators["twilio"].ledger.billed_total == 1


async def test_twilio_tells_of_reachable_where_that_is_bought(
    start_service: StartService, emulators: dict[str, Emulator]
) -> None:
    service = start_service("twilio", VALIDATOR_TWILIO_PRICE_LINE_STATUS="0.01")
    texts = numbers(40)
    of_analysis = await streamed(service, texts[:5], "analysis")
    assert {record["cost"] for record in of_analysis if record["is_valid"]} == {"0.008"}
    for record in await streamed(service, texts):
        truth = answer(str(record["e164_format"])[1:], "validation")
        if truth["is_valid"]:
            assert (record["reachable"], record["roaming"]) == (truth["reachable"], None)
            assert record["cost"] == "0.018"
    assert emulators["twilio"].ledger.billed_total == 45


LINE_STATUS = {
    "reachable": True,
    "unreachable": False,
    "inactive": False,
    "active": None,
    "unknown": None,
    "strange": None,
    "": None,
}


@pytest.mark.parametrize("status", LINE_STATUS)
def test_the_status_of_a_line_in_our_terms(status: str) -> None:
    line = {"type": "mobile", "error_code": None}
    reply = {"phone_number": "+1", "valid": True, "line_type_intelligence": line}
    read = twilio.reader(Decimal("0.008"), Decimal("0.01"))
    told = read(reply | {"line_status": {"status": status, "error_code": None}}, "1", 0)
    assert told.answer is not None
    assert (told.answer.reachable, told.cost) == (LINE_STATUS[status], "0.018")
    failed = read(reply | {"line_status": {"status": status, "error_code": 60610}}, "1", 0)
    assert failed.answer is not None
    assert (failed.answer.reachable, failed.cost) == (None, "0.008")
    # It was paid for, though the other package failed: no other supplier is asked then.
    reply["line_type_intelligence"] = {"error_code": 60610}
    half = read(reply | {"line_status": {"status": status, "error_code": None}}, "1", 0)
    assert (half.answer, half.cost, half.unanswered) == (None, "0.01", None)


async def test_the_cheapest_is_asked_first_where_the_operator_says_so(
    start_service: StartService, emulators: dict[str, Emulator]
) -> None:
    settings = {"VALIDATOR_UPSTREAMS_ORDER": "cheapest", "VALIDATOR_WAVIX_PRICE_VALIDATION": "0.001"}
    service = start_service("wavix", "twilio", "telnyx", **settings)
    # By type: 0.005, 0.008 and 0.0025 USD an analysis, 0.001, 0.008 and 0.0025 a validation.
    for texts, request_type, supplier in (
        (numbers(10), "analysis", "telnyx"),
        (numbers(10, 100), "validation", "wavix"),
    ):
        records = await streamed(service, texts, request_type)
        assert count(records, source=supplier, error_code="000") == 10
    # The next cheapest comes next.
    emulators["telnyx"].set_faults({"http401": "1"})
    records = await streamed(service, numbers(10, 200), "analysis")
    assert count(records, source="wavix", error_code="000") == 10
    assert emulators["twilio"].ledger.requests_total == 0
