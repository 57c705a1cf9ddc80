"""What a key may use: requests a second and numbers and money a day, in all processes together."""

import asyncio
import math
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator
from tests.access.keyed import ADMIN, ONE, as_holder, changed, new_key
from tests.batches.asking import act, posted, reached
from tests.batches.processes import Processes, processes
from tests.http.test_errors import expect
from tests.lookup.conftest import at_upstream
from tests.service import Service
from tests.store import running_store

RATE = 40.0
# Of the United Kingdom, valid, each another one.
NUMBERS = [f"+44791112{at:04}" for at in range(60)]


async def numbers_sent(client: aiohttp.ClientSession, count: int) -> int:
    body = {"type": "format", "phone_numbers": NUMBERS[:count]}
    async with client.post("/v1/validation", json=body) as response:
        if response.status == 429:
            assert 0 < int(response.headers["Retry-After"]) <= 24 * 60 * 60
            await expect(response, 429, "numbers_per_day", "00:00 UTC")
        return response.status


async def test_two_processes_keep_to_one_rate(pair: list[Service]) -> None:
    made = await new_key(pair[0], requests_per_second=RATE)
    answered = {200: 0, 429: 0}
    began_s = time.monotonic()

    async def send(service: Service) -> None:
        async with as_holder(service, made["key"]) as client:
            while time.monotonic() - began_s < 3:
                async with client.get(ONE) as response:
                    answered[response.status] += 1

    await asyncio.gather(*(send(service) for service in pair for _ in range(3)))
    took_s = time.monotonic() - began_s
    # What may come in a burst, and what was taken ahead.
    assert answered[200] <= 1.05 * RATE * took_s + RATE / 4
    assert answered[429] > 0
    assert answered[200] > 0


@pytest.mark.parametrize(("per_s", "policy"), [(1, "q=1;w=1"), (0.01, "q=1;w=100"), (2.5, "q=2;w=1")])
async def test_a_caller_is_told_its_limit_and_when_to_come_again(
    keyed: Service, per_s: float, policy: str
) -> None:
    made = await new_key(keyed, requests_per_second=per_s)
    async with as_holder(keyed, made["key"]) as client:
        async with client.get(ONE) as response:
            assert response.status == 200
            assert response.headers["RateLimit-Policy"] == f'"requests";{policy}'
            assert response.headers["RateLimit"].startswith('"requests";r=0;t=')
        while True:
            async with client.get(ONE) as response:
                if response.status == 429:
                    break
        assert 1 <= int(response.headers["Retry-After"]) <= math.ceil(1 / per_s)
        assert response.headers["RateLimit-Policy"] == f'"requests";{policy}'
        await changed(keyed, made["id"], requests_per_second=None)
        async with client.get(ONE) as response:
            assert response.status in (200, 429)


async def test_the_numbers_of_a_day_are_those_of_all_processes(pair: list[Service]) -> None:
    made = await new_key(pair[0], numbers_per_day=20)
    async with as_holder(pair[0], made["key"]) as one, as_holder(pair[1], made["key"]) as other:
        assert await numbers_sent(one, 12) == 200
        assert await numbers_sent(other, 9) == 429
        assert await numbers_sent(other, 7) == 200
        async with other.get(ONE) as response:
            assert response.status == 200
        async with one.get(ONE) as response:
            await expect(response, 429, "numbers_per_day")
        async with one.post("/v1/stream?type=format", data="1\n2\n") as response:
            await expect(response, 429, "numbers_per_day")
        # Nothing is counted of what is refused, or of what is no number at all.
        async with one.get("/v1/batches") as response:
            assert response.status == 200


async def test_numbers_taken_ahead_stay_within_the_limit(pair: list[Service]) -> None:
    made = await new_key(pair[0], numbers_per_day=3_000)
    answered = 0
    async with as_holder(pair[0], made["key"]) as one, as_holder(pair[1], made["key"]) as other:
        for at in range(60):
            body = "1\n" * 70
            async with (one, other)[at % 2].post("/v1/stream?type=format", data=body) as response:
                answered += 70 if response.status == 200 else 0
        assert 2_900 <= answered <= 3_000


async def test_a_batch_over_its_day_pauses_and_says_why(keyed: Service) -> None:
    made = await new_key(keyed, numbers_per_day=5)
    async with as_holder(keyed, made["key"]) as client:
        batch_id = await posted(client, "\n".join(NUMBERS).encode())
        paused = await reached(client, batch_id, "paused")
        assert str(paused["why"]).startswith("numbers_per_day: ")
        assert paused["pending"] == len(NUMBERS)
        await changed(keyed, made["id"], numbers_per_day=len(NUMBERS))
        status, _ = await act(client, batch_id, "resume")
        assert status == 200
        await reached(client, batch_id, "success")
        async with client.get(ONE) as response:
            await expect(response, 429, "numbers_per_day")


@pytest.fixture
def paying(tmp_path: Path, emulator: Emulator) -> Iterator[Processes]:
    """Processes that ask for keys, share a store, and pay the emulator."""
    settings = {
        "VALIDATOR_AUTH": "on",
        "VALIDATOR_ADMIN_KEY": ADMIN,
        **at_upstream(emulator),
        "VALIDATOR_WAVIX_PRICE_VALIDATION": "0.01",
    }
    # A store of its own: others on the same one would work its batches.
    with running_store() as store, processes(tmp_path / "data", REDIS_URL=store.url, **settings) as group:
        yield group


async def test_the_money_of_a_day_is_not_passed(paying: Processes) -> None:
    services = [paying.serve(), paying.serve()]
    made = await new_key(services[0], spend_per_day="0.1")

    async def sent(at: int) -> float:
        async with (
            as_holder(services[at % 2], made["key"]) as client,
            client.get(
                "/v1/validation", params={"type": "validation", "phone_number": NUMBERS[at]}
            ) as response,
        ):
            if response.status == 429:
                await expect(response, 429, "spend_per_day")
                return 0
            return float((await response.json())["cost"])

    spent = sum(await asyncio.gather(*(sent(at) for at in range(30))))
    spent += sum([await sent(at) for at in range(30, 45)])
    assert 0 < spent <= 0.1 + 1e-9
    async with as_holder(services[0], made["key"]) as client:
        # What is answered from the plan costs nothing, and neither does what is invalid.
        async with client.get(ONE) as response:
            assert response.status == 200
        batch_id = await posted(client, "\n".join(NUMBERS[45:]).encode(), type="validation")
        paused = await reached(client, batch_id, "paused")
        assert str(paused["why"]).startswith("spend_per_day: ")
        assert paused["cost"] == "0"
        await changed(services[0], made["id"], spend_per_day="5")
        assert (await act(client, batch_id, "resume"))[0] == 200
        await reached(client, batch_id, "success")
