"""What was sent with a key is that key's: others neither see it nor learn that it is there."""

import uuid

import aiohttp
import pytest

from tests.access.keyed import ADMIN, as_holder, new_key
from tests.batches.asking import posted, reached
from tests.http.test_errors import expect
from tests.service import Service

NUMBERS = b"6281234567000\n"
ASKED = [
    ("GET", "/v1/batches/{}"),
    ("GET", "/v1/batches/{}/results"),
    ("GET", "/v1/batches/{}/rows"),
    ("GET", "/v1/batches/{}/events"),
    ("POST", "/v1/batches/{}/cancel"),
    ("POST", "/v1/batches/{}/resume"),
    ("POST", "/v1/batches/{}/retry"),
    ("GET", "/v1/validation/{}"),
    ("DELETE", "/v1/validation/{}"),
    ("DELETE", "/v1/batches/{}"),
]


async def listed(client: aiohttp.ClientSession) -> tuple[list[str], int]:
    async with client.get("/v1/batches?per_page=500") as response:
        body = await response.json()
    return [item["request_uuid"] for item in body["items"]], body["pagination"]["total"]


@pytest.fixture
async def two(keyed: Service) -> tuple[str, str]:
    """The keys of two callers."""
    return (await new_key(keyed))["key"], (await new_key(keyed))["key"]


async def test_another_caller_gets_404_as_for_what_is_not_there(keyed: Service, two: tuple[str, str]) -> None:
    async with as_holder(keyed, two[0]) as owner, as_holder(keyed, two[1]) as other:
        batch_id = await posted(owner, NUMBERS)
        await reached(owner, batch_id, "success")
        for method, path in ASKED:
            messages = []
            for each in (batch_id, str(uuid.uuid4())):
                async with other.request(method, path.format(each)) as response:
                    messages.append(await response.text())
                    await expect(response, 404)
            assert messages[0] == messages[1]
        await reached(owner, batch_id, "success")


async def test_lists_have_what_is_the_callers(keyed: Service, two: tuple[str, str]) -> None:
    async with (
        as_holder(keyed, two[0]) as one,
        as_holder(keyed, two[1]) as two_,
        as_holder(keyed, ADMIN) as admin,
    ):
        ones = [await posted(one, NUMBERS) for _ in range(2)]
        body = {"type": "format", "phone_numbers": ["1"], "async": True}
        async with two_.post("/v1/validation", json=body) as response:
            twos = [(await response.json())["request_uuid"]]
        assert await listed(one) == (ones[::-1], 2)
        assert await listed(two_) == (twos, 1)
        assert {*ones, *twos} <= {*(await listed(admin))[0]}
        async with admin.get(f"/v1/batches/{ones[0]}/results") as response:
            assert response.status == 200
        async with one.delete(f"/v1/batches/{ones[0]}") as response:
            assert response.status == 204
        async with admin.delete(f"/v1/batches/{ones[1]}") as response:
            assert response.status == 204
        assert await listed(one) == ([], 0)
        async with one.get(f"/v1/validation/{twos[0]}") as response:
            await expect(response, 404)


async def test_an_idempotency_key_is_the_callers(keyed: Service, two: tuple[str, str]) -> None:
    named = {"Idempotency-Key": "the-first"}
    ids = []
    for key in (*two, *two):
        async with (
            as_holder(keyed, key) as client,
            client.post("/v1/batches?type=format", data=NUMBERS, headers=named) as response,
        ):
            ids.append((await response.json())["request_uuid"])
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]
