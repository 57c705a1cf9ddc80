"""`POST /v1/validation` with async true, and the poll, as the public API has them."""

import asyncio

import aiohttp
import orjson

NUMBERS = ["+6281234567000", "not a number"] * 3


async def begun(client: aiohttp.ClientSession, numbers: list[str]) -> str:
    body = {"type": "analysis", "phone_numbers": numbers, "async": True}
    async with client.post("/v1/validation", json=body) as response:
        assert response.status == 201
        answer = await response.json()
        assert answer["request_uuid"] == answer["request_id"]
        assert response.headers["Location"] == f"/v1/validation/{answer['request_uuid']}"
        return response.headers["Location"]


async def polled(client: aiohttp.ClientSession, path: str, **params: str) -> dict[str, object]:
    while True:
        async with client.get(path, params=params) as response:
            assert response.status == 200
            answer: dict[str, object] = await response.json()
        if answer["status"] != "progress":
            return answer
        await asyncio.sleep(0.05)


async def test_a_list_is_polled_to_its_end(client: aiohttp.ClientSession) -> None:
    answer = await polled(client, await begun(client, NUMBERS))
    assert (answer["status"], answer["count"], answer["pending"]) == ("success", 6, 0)
    items = answer["items"]
    assert isinstance(items, list)
    assert [item["phone_number"] for item in items] == NUMBERS
    for item in items:
        for new, old in (("is_valid", "valid"), ("phone_type", "number_type"), ("cost", "charge")):
            assert item[new] == item[old]


async def test_its_answers_are_those_of_the_list_answered_at_once(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/validation", json={"type": "analysis", "phone_numbers": NUMBERS}) as response:
        at_once = await response.json()
    assert await polled(client, await begun(client, NUMBERS)) == at_once


async def test_the_poll_can_be_paged(client: aiohttp.ClientSession) -> None:
    path = await begun(client, [f"+62812345670{n:02}" for n in range(30)])
    answer = await polled(client, path, offset="10", limit="5")
    items = answer["items"]
    assert isinstance(items, list)
    assert [item["phone_number"] for item in items] == [f"+62812345670{n}" for n in range(10, 15)]
    assert (await polled(client, path, offset="30"))["items"] == []


async def test_ndjson_follows_the_list_to_its_end(client: aiohttp.ClientSession) -> None:
    path = await begun(client, NUMBERS)
    async with client.get(path, headers={"Accept": "application/x-ndjson"}) as response:
        lines = (await response.read()).splitlines()
    assert [orjson.loads(line)["phone_number"] for line in lines] == NUMBERS
    assert all(b'"charge":"0"' in line for line in lines)


async def test_delete_erases(client: aiohttp.ClientSession) -> None:
    path = await begun(client, NUMBERS)
    async with client.delete(path) as response:
        assert response.status == 204
    async with client.get(path) as response:
        assert (response.status, (await response.json())["code"]) == (404, "unknown_batch")


async def test_what_is_no_id_is_unknown(client: aiohttp.ClientSession) -> None:
    for batch_id in ("1", "vs:batches", "%7B%7D", "00000000-0000-0000-0000-000000000000"):
        async with client.get(f"/v1/validation/{batch_id}") as response:
            assert response.status == 404


async def test_wrong_pages_are_refused(client: aiohttp.ClientSession) -> None:
    path = await begun(client, NUMBERS)
    for query in ("offset=-1", "offset=x", "limit=1e3", "limit=1000000000"):
        async with client.get(f"{path}?{query}") as response:
            assert response.status == 400
            assert (await response.json())["message"].startswith(query.partition("=")[0])
