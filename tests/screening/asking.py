"""Having requests screened, as a client does."""

from typing import Any

import aiohttp
import orjson

Json = dict[str, Any]
NDJSON = {"Content-Type": "application/x-ndjson"}


async def screened(client: aiohttp.ClientSession, system: str, body: Json, **params: str) -> Json:
    """What is found of one request."""
    async with client.post(f"/v1/screen/{system}", json=body, params=params) as response:
        assert response.status == 200, await response.text()
        found: Json = await response.json()
        return found


async def screened_form(client: aiohttp.ClientSession, system: str, body: Json, **params: str) -> Json:
    """What is found of one request that is sent as a form."""
    fields = [(k, each) for k, v in body.items() for each in (v if isinstance(v, list) else [v])]
    form = aiohttp.FormData(fields)
    async with client.post(f"/v1/screen/{system}", data=form, params=params) as response:
        assert response.status == 200, await response.text()
        found: Json = await response.json()
        return found


async def screened_list(
    client: aiohttp.ClientSession, system: str, bodies: list[Json], **params: str
) -> list[Json]:
    """What is found of each of a list of requests."""
    data = b"\n".join(map(orjson.dumps, bodies))
    async with client.post(f"/v1/screen/{system}", data=data, headers=NDJSON, params=params) as response:
        assert response.status == 200, await response.text()
        return [orjson.loads(line) for line in (await response.read()).splitlines()]


def errors(found: Json) -> list[tuple[str, str]]:
    """The parameter and the code of each error."""
    return [(each["parameter"], each["code"]) for each in found["findings"] if each["severity"] == "error"]
