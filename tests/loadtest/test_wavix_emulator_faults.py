"""Each fault of the emulator, one at a time: what the client sees, and what was billed."""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import orjson
import pytest

from loadtest.wavix_emulator import Emulator, FaultError
from loadtest.wavix_emulator.faults import BODIES, GATED, LOSSES_AFTER, LOSSES_BEFORE, Faults
from loadtest.wavix_emulator.options import PARSERS, parse_latency
from tests.loadtest.asking import NUMBERS, Asker, until
from tests.waiting import PATIENCE_S

TEN = NUMBERS[:10]


def test_every_fault_and_option_is_tried() -> None:
    here = Path(__file__).parent
    source = "".join(path.read_text() for path in here.glob("test_wavix_emulator_*.py"))
    assert [name for name in (*GATED, *PARSERS) if f'"{name}' not in source] == []


# When a fault happens


def occasions(value: str, seed: int = 0) -> list[int]:
    """The occasions, from 1, on which a fault with this value happens."""
    faults = Faults({"http500": value}, seed)
    return [n for n in range(1, 101) if faults.fires("http500", "single")]


def test_gates() -> None:
    assert occasions("1") == list(range(1, 101))
    assert occasions("0") == []
    assert occasions("first:2") == [1, 2]
    assert occasions("after:98") == [99, 100]
    assert occasions("every:40") == [40, 80]
    assert occasions("at:3,1,50") == [1, 3, 50]


def test_chance_is_the_seeds_alone() -> None:
    assert occasions("0.3", seed=1) == occasions("30%", seed=1) != occasions("0.3", seed=2)
    assert 15 < len(occasions("0.3", seed=1)) < 45
    alone, beside = Faults({"reset": "0.5"}, 1), Faults({"http500": "0.5", "reset": "0.5"}, 1)
    for _ in range(50):
        beside.fires("http500", "sync")
        assert alone.fires("reset", "sync") is beside.fires("reset", "sync")


def test_a_fault_may_hold_for_one_kind_of_request() -> None:
    faults = Faults({"http500@poll": "1"})
    assert (faults.fires("http500", "sync"), faults.fires("http500", "poll")) == (False, True)
    assert faults.fired == {"http500": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http500", "often"),
        ("http500", "-0.1"),
        ("http500", "first:0"),
        ("http500", "some:3"),
        ("http500", "at:"),
        ("http500@later", "1"),
        ("latency", "200"),
        ("latency", "uniform:2s:1s"),
        ("latency", "lognormal:1s:x"),
        ("latency@poll", "1s"),
        ("rate", "0"),
        ("retry_after", "soon"),
        ("progress", "polls:0"),
        ("funds", "-1"),
        ("huge_size", "1 MB"),
        ("slow_for", "nan"),
        ("names", "older"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(FaultError, match=f"fault {name}: "):
        Faults({name: value})


# Refused, lost


@pytest.mark.parametrize("fault", ["http401", "http403", "http429", "http500", "http503"])
async def test_an_error_status(fault: str) -> None:
    async with Emulator({fault: "1"}) as emulator, Asker(emulator) as asker:
        assert (await asker.many(TEN))[0] == int(fault.removeprefix("http"))
        assert emulator.ledger.billed_total == 0
        assert emulator.ledger.requests[0].fault == fault


@pytest.mark.parametrize(("fault", "billed"), [("http502", 0), ("http502_after", 10)])
async def test_a_bad_gateway_sends_a_page(fault: str, billed: int) -> None:
    async with Emulator({fault: "1"}) as emulator, Asker(emulator) as asker:
        async with asker.session.post(asker.url, json={"type": "analysis", "phone_numbers": TEN}) as response:
            assert (response.status, response.content_type) == (502, "text/html")
        assert emulator.ledger.billed_total == billed


@pytest.mark.parametrize("fault", ["http500_after", "http503_after"])
async def test_an_answer_lost_to_an_error_is_billed(fault: str) -> None:
    async with Emulator({fault: "first:1"}) as emulator, Asker(emulator) as asker:
        assert (await asker.many(TEN))[0] == int(fault[4:7])
        assert (await asker.many(TEN))[0] == 200
        assert emulator.ledger.times_billed == dict.fromkeys(TEN, 2)


@pytest.mark.parametrize(("fault", "billed"), [("reset", 0), ("reset_after", 10)])
async def test_a_reset_connection(fault: str, billed: int) -> None:
    async with Emulator({fault: "1"}) as emulator, Asker(emulator) as asker:
        with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
            await asker.many(TEN)
        await until(lambda: emulator.ledger.requests_by_status[0] == 1)
        assert emulator.ledger.billed_total == billed


@pytest.mark.parametrize(("fault", "billed"), [("hang", 0), ("hang_after", 10)])
async def test_no_reply_ever(fault: str, billed: int) -> None:
    async with Emulator({fault: "1"}) as emulator, Asker(emulator) as asker:
        asking = asyncio.ensure_future(asker.many(TEN))
        await until(lambda: emulator.faults.fired[fault] == 1)
        assert not asking.done()
        asking.cancel()
        await until(lambda: emulator.ledger.requests_by_status[0] == 1)
        assert emulator.ledger.billed_total == billed


async def test_stopping_does_not_wait_for_a_hanging_reply() -> None:
    emulator = Emulator({"hang": "1"})
    await emulator.start()
    async with Asker(emulator) as asker:
        asking = asyncio.ensure_future(asker.single())
        await until(lambda: emulator.ledger.requests_total == 1)
        await asyncio.wait_for(emulator.stop(), PATIENCE_S)
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_retry_after_in_every_form() -> None:
    async with Emulator() as emulator, Asker(emulator) as asker:
        for fault in ("http429", "http503"):
            for form, check in RETRY_AFTER.items():
                emulator.set_faults({fault: "1", "retry_after": form})
                async with asker.session.get(f"{asker.url}?type=format&phone_number=1") as response:
                    assert check(response.headers.get("Retry-After")), form


def is_date_soon(value: str | None) -> bool:
    return value is not None and 0 < parsedate_to_datetime(value).timestamp() - time.time() <= 31


RETRY_AFTER: dict[str, Callable[[str | None], bool]] = {
    "1500ms": lambda value: value == "2",
    "date:30s": is_date_soon,
    "none": lambda value: value is None,
    "strange": lambda value: value is not None and value.endswith("+99999999999"),
}


async def test_a_real_rate_limit() -> None:
    async with Emulator({"rate": "3"}) as emulator, Asker(emulator) as asker:
        emulator.ledger.clock = lambda: 7.0
        statuses = Counter([(await asker.single())[0] for _ in range(5)])
        assert statuses == {200: 3, 429: 2}
        assert (emulator.ledger.busiest_second, emulator.ledger.busiest_second_accepted) == (5, 3)
        assert emulator.ledger.billed_total == 3
        emulator.ledger.clock = lambda: 8.0
        assert (await asker.single())[0] == 200


# Latency


async def test_latency_is_waited_for() -> None:
    async with Emulator({"latency": "100ms"}) as emulator, Asker(emulator) as asker:
        started_s = time.monotonic()
        await asker.single()
        assert time.monotonic() - started_s >= 0.1


def test_distributions_of_latency() -> None:
    rng = random.Random(1)
    assert parse_latency("200ms").draw_s(rng) == pytest.approx(0.2)
    uniform = [parse_latency("uniform:100ms:300ms").draw_s(rng) for _ in range(2_000)]
    assert 0.1 <= min(uniform) < 0.11
    assert 0.29 < max(uniform) <= 0.3
    lognormal = [parse_latency("lognormal:100ms:0.8").draw_s(rng) for _ in range(2_000)]
    assert 0.09 < statistics.median(lognormal) < 0.11
    assert max(lognormal) > 0.5


# Broken bodies


async def raw(asker: Asker) -> bytes:
    """The bytes of a bulk answer with status 200."""
    async with asker.session.post(asker.url, json={"type": "analysis", "phone_numbers": TEN}) as response:
        assert response.status == 200
        return await response.read()


@pytest.mark.parametrize("fault", ["truncated", "malformed", "html"])
async def test_a_body_that_is_not_json(fault: str) -> None:
    async with Emulator({fault: "1"}) as emulator, Asker(emulator) as asker:
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(await raw(asker))
        assert emulator.ledger.billed_total == 10


async def test_a_body_of_another_shape() -> None:
    async with Emulator({"wrong_shape": "1"}) as emulator, Asker(emulator) as asker:
        bodies = {await raw(asker) for _ in range(30)}
        assert len(bodies) > 3
        for body in bodies:
            assert b"97150" not in body
            orjson.loads(body)


async def test_a_body_cut_off() -> None:
    async with Emulator({"cut_off": "1"}) as emulator, Asker(emulator) as asker:
        with pytest.raises(aiohttp.ClientPayloadError):
            await raw(asker)


async def test_a_huge_body() -> None:
    async with Emulator({"huge": "1", "huge_size": "300kB"}) as emulator, Asker(emulator) as asker:
        body = await raw(asker)
        assert 300_000 < len(body) < 301_000
        assert orjson.loads(body)["status"] == "success"


async def test_a_huge_body_ends_when_the_client_leaves() -> None:
    async with Emulator({"huge": "1", "huge_size": "100GB"}) as emulator, Asker(emulator) as asker:
        async with asker.session.get(f"{asker.url}?type=format&phone_number=1") as response:
            await response.content.readexactly(1_000)
            response.close()
        await until(lambda: emulator.ledger.requests_by_status.total() == 1)


async def test_a_slow_body_is_right_and_late() -> None:
    async with Emulator({"slow": "1", "slow_for": "200ms"}) as emulator, Asker(emulator) as asker:
        started_s = time.monotonic()
        assert len(orjson.loads(await raw(asker))["items"]) == 10
        assert time.monotonic() - started_s >= 0.2


def test_the_groups_are_tried_whole() -> None:
    assert set(LOSSES_AFTER) == {f"{name}_after" for name in LOSSES_BEFORE}
    assert set(BODIES) == {"truncated", "malformed", "html", "wrong_shape", "cut_off", "huge", "slow"}
