"""What is cached is checked when it is read: what does not fit is asked for anew, and counted."""

import aiohttp
import orjson
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_true, listed, numbers, one
from tests.store import Store
from validator_svc.lookup.cached_answer import (
    VERSION,
    Kept,
    packed,
    packed_moment,
    unpacked,
    with_moment,
    without_moment,
)
from validator_svc.upstreams.outcome import LiveAnswer

NUMBER = "+6281234567000"

ANSWER = LiveAnswer(1_700_000_000_000, True, False, "510", "10", "mobile", "Telkomsel", False)
MOMENTARY = ANSWER._replace(reachable=True, roaming=False)
ENTRY = orjson.loads(packed(Kept(MOMENTARY, "wavix", "0.01", "a-batch:7")))


@pytest.mark.parametrize(
    "kept",
    [
        Kept(ANSWER, "wavix"),
        Kept(ANSWER, "wavix", "0.01", "a-batch:7"),
        Kept(LiveAnswer(0, is_valid=False), "wavix"),
    ],
)
def test_an_answer_comes_back_as_it_was(kept: Kept) -> None:
    assert unpacked(packed(kept)) == kept


DIFFERENT: dict[str, list[object]] = {
    "version": [VERSION + 1, str(VERSION), True, None],
    "supplier": ["", None, 7],
    "at_ms": ["1700000000000", -1, 1.5, True, 10**16, None],
    "is_valid": ["true", 1, None],
    "ported": [0, "false"],
    "mcc": [510, "51", "5100", "5a0", "٥١٠"],
    "mnc": [10, "1", "1000"],
    "line_type": ["mobil", 1, ["mobile"], {}],
    "current_carrier": ["", 5, "x" * 300],
    "risky": ["no"],
    "reachable": [1],
    "roaming": ["maybe"],
    "cost": [0.01, "-1", "1e5", "free", ""],
    "paid_by": [7, ""],
    "something": ["else"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in DIFFERENT.items() for value in values]
)
def test_a_field_that_does_not_fit_is_a_miss(field: str, value: object) -> None:
    assert unpacked(orjson.dumps(ENTRY | {field: value})) is None


@pytest.mark.parametrize("field", ["version", "supplier", "at_ms", "is_valid"])
def test_a_field_that_is_missing_is_a_miss(field: str) -> None:
    assert unpacked(orjson.dumps({name: value for name, value in ENTRY.items() if name != field})) is None


def test_what_was_true_for_a_moment_is_kept_apart() -> None:
    assert not {"reachable", "roaming"} & ENTRY.keys()
    moment = packed_moment(MOMENTARY)
    assert moment is not None
    assert with_moment(Kept(ANSWER, "wavix"), moment) == Kept(MOMENTARY, "wavix")
    assert without_moment(MOMENTARY) == ANSWER
    assert packed_moment(ANSWER) is None


@pytest.mark.parametrize(
    "moment",
    [
        [VERSION, ANSWER.at_ms + 1, True, False],
        [VERSION + 1, ANSWER.at_ms, True, False],
        [VERSION, ANSWER.at_ms, 1, 0],
        [VERSION, ANSWER.at_ms, "true", None],
        [VERSION, ANSWER.at_ms, True],
        {"reachable": True},
        None,
    ],
)
def test_a_moment_that_does_not_fit_says_nothing(moment: object) -> None:
    kept = Kept(ANSWER, "wavix")
    assert with_moment(kept, orjson.dumps(moment)) is kept
    assert with_moment(kept, b"\xff") is kept


@given(st.binary() | st.recursive(st.none() | st.integers(-9, 9) | st.text(), st.lists).map(orjson.dumps))
def test_anything_else_is_a_miss(value: bytes) -> None:
    assert unpacked(value) is None


OTHER = ENTRY | {"current_carrier": "Other"}
POISONED: dict[str, bytes] = {
    # As the version before wrote it, by position.
    "an older version": orjson.dumps(
        [1_700_000_000_000, True, True, "510", "99", "mobile", "Other", False, False, True]
    ),
    "an older version by name": orjson.dumps(OTHER | {"version": VERSION - 1}),
    "a newer version": orjson.dumps(OTHER | {"version": VERSION + 1}),
    "another type": orjson.dumps(OTHER | {"mnc": 99}),
    "another type of all": orjson.dumps("Other"),
    "no object": orjson.dumps([OTHER]),
    "another length": orjson.dumps(OTHER | {"mcc": "51"}),
    "a text too long": orjson.dumps(OTHER | {"current_carrier": "Other" * 100}),
    "cut short": orjson.dumps(OTHER)[:-9],
    "too long": orjson.dumps(OTHER) + b"}",
    "a field too few": orjson.dumps({name: value for name, value in OTHER.items() if name != "at_ms"}),
    "a field too many": orjson.dumps(OTHER | {"else": 1}),
    "not JSON": b"\xff\x00",
    "empty": b"",
}


async def test_an_entry_that_does_not_fit_is_asked_for_anew(
    start_service: StartService, emulator: Emulator, store: Store
) -> None:
    service = start_service()
    texts = dict(zip(POISONED, numbers(len(POISONED)), strict=True))
    *others, last = numbers(len(POISONED) + 3)[len(POISONED) :]
    with redis.Redis.from_url(store.url) as client:
        for name, entry in POISONED.items():
            client.set(f"vs:live:validation:{texts[name][1:]}", entry, ex=600)
        # Another type of Redis's own, for the answer and for its moment.
        client.hset(f"vs:live:validation:{others[0][1:]}", "at_ms", "1")
        client.rpush(f"vs:moment:{others[1][1:]}", "1")
    asked = [*texts.values(), *others]
    for record in await listed(service, asked):
        assert_true(record)
        assert record["source"] == "wavix", record["phone_number"]
    assert emulator.ledger.billed_total == len(asked)
    for record in await listed(service, asked):
        assert_true(record)
        assert record["source"] == "cache"
    async with aiohttp.ClientSession(service.url) as client_, client_.get("/metrics") as response:
        figures = await response.text()
    # The window read each, and so did whoever was about to pay.
    assert f"validator_cache_unreadable_total {2.0 * len(POISONED)}" in figures
    # A moment that does not fit is one that is not known.
    await one(service, last)
    with redis.Redis.from_url(store.url) as client:
        client.set(f"vs:moment:{last[1:]}", orjson.dumps([VERSION, 1, True, True]), ex=600)
    assert (await one(service, last))["reachable"] is None


@pytest.mark.parametrize(("ttl_s", "is_kept"), [("3600", True), ("0", False)])
async def test_reachable_and_roaming_are_kept_only_where_the_setting_allows_it(
    start_service: StartService, emulator: Emulator, store: Store, ttl_s: str, is_kept: bool
) -> None:
    service = start_service(VALIDATOR_CACHE_TTL_REACHABLE=ttl_s)
    first = await one(service, NUMBER)
    assert_true(first)
    assert first["reachable"] is not None
    with redis.Redis.from_url(store.url) as client:
        values = [client.get(key) for key in client.scan_iter("vs:*:*6281234567000")]
        assert any(b"Telkomsel" in value or b"supplier" in value for value in values if value)
        assert not any(b"reachable" in value or b"roaming" in value for value in values if value)
        assert bool(client.exists("vs:moment:6281234567000")) is is_kept
        assert client.ttl("vs:live:validation:6281234567000") > 3_600
    again = await one(service, NUMBER)
    assert again["source"] == "cache"
    assert again["reachable"] is (first["reachable"] if is_kept else None)
    assert again["carrier_name"] == first["carrier_name"]
    assert emulator.ledger.billed_total == 1
