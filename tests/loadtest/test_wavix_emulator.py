"""The emulator without faults: the API, the ledger, the admin routes, the command."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator, answer
from loadtest.wavix_emulator.ledger import Ledger
from loadtest.wavix_emulator.window import OneSecondWindow
from tests.loadtest.asking import KEY, NUMBERS, Asker

NEW = {"is_valid": "valid", "phone_type": "number_type", "cost": "charge"}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def asker(emulator: Emulator) -> AsyncIterator[Asker]:
    async with Asker(emulator) as asker:
        yield asker


def truth(number: str, request_type: str, cost: str) -> dict[str, object]:
    """The answer as it is sent by default: under the newer names, with its cost."""
    item = answer(number, request_type)
    if item["error_code"] == "000":
        item["cost"] = cost
    return {NEW.get(name, name): value for name, value in item.items()}


async def test_a_single_number(asker: Asker) -> None:
    assert await asker.single(NUMBERS[0], "validation") == (200, truth(NUMBERS[0], "validation", "0.01"))


async def test_many_numbers_in_order_duplicates_included(asker: Asker, emulator: Emulator) -> None:
    numbers = [NUMBERS[1], NUMBERS[0], "junk", NUMBERS[1]]
    items = [truth(number, "analysis", "0.005") for number in numbers]
    expected = {"status": "success", "count": 4, "pending": 0, "items": items}
    assert await asker.many(numbers) == (200, expected)
    assert emulator.ledger.times_billed == {NUMBERS[1]: 2, NUMBERS[0]: 1}


async def test_an_async_job(asker: Asker, emulator: Emulator) -> None:
    job_id = await asker.start(NUMBERS[:5])
    status, body = await asker.poll(job_id)
    assert (status, body["status"], body["count"], body["pending"]) == (200, "success", 5, 0)
    assert body["items"] == [truth(number, "analysis", "0.005") for number in NUMBERS[:5]]
    await asker.poll(job_id)
    assert emulator.ledger.billed_total == 5
    assert emulator.ledger.requests_by_kind == {"async": 1, "poll": 2}


async def test_an_unknown_job_is_404(asker: Asker) -> None:
    assert (await asker.poll("12542c5c-1a17-4d12-a163-5b68543e75f6"))[0] == 404


async def test_the_format_type_is_free_and_not_in_the_bill(asker: Asker, emulator: Emulator) -> None:
    assert await asker.single(NUMBERS[0], "format") == (200, truth(NUMBERS[0], "format", "0"))
    assert (emulator.ledger.billed_total, emulator.ledger.requests_total) == (0, 1)


async def test_a_thousand_numbers_a_request_and_no_more(asker: Asker, emulator: Emulator) -> None:
    status, body = await asker.many(NUMBERS[:1_000])
    assert (status, len(body["items"])) == (200, 1_000)
    status, body = await asker.many(NUMBERS[:1_001])
    assert (status, body["error"]) == (400, True)
    assert "1000" in body["message"]
    assert emulator.ledger.billed_total == 1_000


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"type":"analysis"}',
        '{"type":"all","phone_numbers":["1"]}',
        '{"type":"analysis","phone_numbers":[]}',
        '{"type":"analysis","phone_numbers":[7]}',
        '{"type":"analysis","phone_numbers":["1"],"async":"yes"}',
    ],
)
async def test_a_bad_body_is_400(asker: Asker, emulator: Emulator, body: str) -> None:
    async with asker.session.post(asker.url, data=body) as response:
        assert response.status == 400
        assert (await response.json())["success"] is False
    assert emulator.ledger.requests_by_status == {400: 1}


@pytest.mark.parametrize("query", ["", "?type=analysis", "?type=x&phone_number=1"])
async def test_a_bad_query_is_400(asker: Asker, query: str) -> None:
    async with asker.session.get(asker.url + query) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Authorization": "Bearer right"}, "", 200),
        ({}, "&appid=right", 200),
        ({}, "&appid=wrong", 401),
        ({"Authorization": "Bearer wrong"}, "", 401),
        ({"Authorization": "Basic right"}, "", 401),
        ({}, "", 401),
    ],
)
async def test_the_key(headers: dict[str, str], query: str, status: int) -> None:
    async with Emulator(key="right") as emulator, aiohttp.ClientSession(headers=headers) as session:
        url = f"{emulator.url}/v1/validation?type=analysis&phone_number=971501390098{query}"
        async with session.get(url) as response:
            assert response.status == status


async def test_prices_and_spend() -> None:
    async with Emulator(prices={"analysis": Decimal("0.02")}) as emulator, Asker(emulator) as asker:
        _, body = await asker.single()
        await asker.many(NUMBERS[:3], "validation")
        assert body["charge"] == "0.02"
        assert emulator.ledger.spend == Decimal("0.05")


async def test_the_ledger_keeps_each_request(asker: Asker, emulator: Emulator) -> None:
    await asker.single()
    await asker.many(NUMBERS[:3])
    single, sync = emulator.ledger.requests
    assert (single.kind, single.billed, single.status) == ("single", (NUMBERS[0],), 200)
    assert (sync.kind, sync.asked, sync.spend) == ("sync", 3, Decimal("0.015"))
    assert sync.billed_at
    assert sync.billed_at >= sync.at
    assert emulator.ledger.max_times_billed == 2


def test_one_second_holds_what_lies_within_it() -> None:
    window = OneSecondWindow()
    for now_s in (0.0, 0.5, 0.99, 1.0, 1.4, 3.0):
        window.add(now_s)
    assert window.busiest == 4  # 0.5, 0.99, 1.0, 1.4: 0.0 and 1.0 are a whole second apart
    assert window.count(3.9) == 1


def test_the_ledger_counts_its_busiest_second() -> None:
    times_s = iter([0.0, 0.4, 0.9, 1.1, 5.0])
    ledger = Ledger(clock=lambda: next(times_s))
    for _ in range(5):
        ledger.arrived("poll", None, 0)
    assert ledger.busiest_second == 3


async def test_the_ledger_route(asker: Asker) -> None:
    await asker.many([NUMBERS[0], NUMBERS[0], NUMBERS[1]])
    async with asker.session.get(f"{asker.admin_url}/ledger?numbers=true&requests=true") as response:
        ledger = await response.json()
    assert ledger["numbers"] == {NUMBERS[0]: 2, NUMBERS[1]: 1}
    assert (ledger["billed_total"], ledger["distinct_numbers"], ledger["max_times_billed"]) == (3, 2, 2)
    assert (ledger["spend"], ledger["busiest_second"]) == ("0.015", 1)
    assert ledger["requests"][0]["billed"] == 3


async def test_faults_change_while_it_runs(asker: Asker, emulator: Emulator) -> None:
    faults_url = f"{asker.admin_url}/faults"
    async with asker.session.put(faults_url, json={"faults": {"http500": "1"}, "seed": 5}) as response:
        assert response.status == 200
    assert (await asker.single())[0] == 500
    async with asker.session.get(faults_url) as response:
        assert await response.json() == {"faults": {"http500": "1"}, "seed": 5}
    async with asker.session.put(faults_url, json={"faults": {"htp500": "1"}}) as response:
        assert response.status == 400
        assert "did you mean http500?" in (await response.json())["message"]
    emulator.set_faults({})
    assert (await asker.single())[0] == 200


async def test_reset_and_forget(asker: Asker, emulator: Emulator) -> None:
    job_id = await asker.start(NUMBERS[:2])
    async with asker.session.post(f"{asker.admin_url}/forget") as response:
        assert response.status == 200
    assert (await asker.poll(job_id))[0] == 404
    assert emulator.ledger.billed_total == 2
    async with asker.session.post(f"{asker.admin_url}/reset") as response:
        assert response.status == 200
    assert (emulator.ledger.billed_total, emulator.ledger.requests_total) == (0, 0)


@pytest.mark.parametrize("body", ["", "[]", '{"numbers":0}', '{"numbers":"5"}'])
async def test_a_bad_top_up_is_400(asker: Asker, body: str) -> None:
    async with asker.session.post(f"{asker.admin_url}/top-up", data=body) as response:
        assert response.status == 400


async def test_a_port_that_is_taken_is_told(emulator: Emulator) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await Emulator().start(port=int(emulator.url.rpartition(":")[2]))


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "loadtest.wavix_emulator", *arguments]


async def test_the_command() -> None:
    arguments = command("--fault", "names=old", "--seed", "7", "--key", "test", "--price", "analysis=0.5")
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    url = line.split()[-1]
    assert url.startswith("http://127.0.0.1:")
    query = {"type": "analysis", "phone_number": NUMBERS[0]}
    async with (
        aiohttp.ClientSession(headers=KEY) as session,
        session.get(f"{url}/v1/validation", params=query) as response,
    ):
        assert (await response.json())["cost"] == "0.5"
    process.send_signal(signal.SIGTERM)
    rest, _ = await process.communicate()
    assert (process.returncode, rest) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "htp500=0.1"), "fault htp500: unknown; did you mean http500?"),
        (("--fault", "http500=2"), "not a probability between 0 and 1"),
        (("--fault", "http500"), "expected NAME=VALUE"),
        (("--port", "70000"), "expected 0 to 65535"),
        (("--price", "analysis=much"), "expected TYPE=USD"),
    ],
)
def test_a_wrong_argument_is_named(arguments: tuple[str, ...], message: str) -> None:
    ended = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr
