"""Texts on which `phonenumbers`' patterns work for seconds, through every way in that HTTP has."""

import asyncio

import aiohttp
import orjson

from tests.waiting import PATIENCE_S

HOSTILE = ("+1212555" + "3" * 30 + " " * 76 + "," * 76 + "-" * 76)[:248]
COUNT = 250
TEXTS = [HOSTILE + end for end in "tſı9K"] * (COUNT // 5)
REASONS = ["too_long" if text.endswith("9") else "not_a_number" for text in TEXTS]
BODIES = {
    "text/plain": "\n".join(TEXTS),
    "application/x-ndjson": "\n".join(map('{{"phone_number":"{}","x":[1]}}'.format, TEXTS)),
    # With a quote in the middle of a cell rows are read in Python.
    "text/csv": 'phone,name\n+442079460018,a"b"\n' + "\n".join(map('"{}",x'.format, TEXTS)),
}


async def reasons_of(response: aiohttp.ClientResponse) -> list[str | None]:
    assert response.status == 200, await response.text()
    return [orjson.loads(line)["reason"] for line in (await response.read()).splitlines()]


async def streamed(client: aiohttp.ClientSession, media_type: str, query: str) -> list[str | None]:
    headers = {"Content-Type": media_type}
    body = BODIES[media_type].encode()
    async with client.post(f"/v1/stream?type=analysis&{query}", data=body, headers=headers) as response:
        return (await reasons_of(response))[-COUNT:]


async def test_a_list_of_them_is_answered_like_any_other(client: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for query in ("", "country=US"):
            for media_type in BODIES:
                assert await streamed(client, media_type, query) == REASONS
        wanted = {"type": "analysis", "phone_numbers": TEXTS}
        headers = {"Accept": "application/x-ndjson"}
        async with client.post("/v1/validation", json=wanted, headers=headers) as response:
            assert await reasons_of(response) == REASONS
        one = {"type": "analysis", "phone_number": TEXTS[0]}
        async with client.get("/v1/validation", params=one) as response:
            assert (await response.json())["reason"] == "not_a_number"
