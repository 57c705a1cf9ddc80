"""Using a service that asks for keys, as a client does."""

from typing import Any

import aiohttp

from tests.service import Service

ADMIN = "the-administrators-key-0123456789"
ONE = "/v1/validation?type=format&phone_number=6281234567000"

Json = dict[str, Any]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def as_holder(service: Service, key: str) -> aiohttp.ClientSession:
    """A client that sends a key with everything."""
    return aiohttp.ClientSession(service.url, headers=bearer(key))


async def new_key(service: Service, **fields: object) -> Json:
    """A new key as its creation shows it."""
    async with (
        as_holder(service, ADMIN) as admin,
        admin.post("/v1/keys", json={"name": "a caller"} | fields) as response,
    ):
        assert response.status == 201, await response.text()
        shown: Json = await response.json()
        assert response.headers["Location"] == f"/v1/keys/{shown['id']}"
        return shown


async def changed(service: Service, key_id: str, **fields: object) -> Json:
    """The key after a change."""
    async with (
        as_holder(service, ADMIN) as admin,
        admin.patch(f"/v1/keys/{key_id}", json=fields) as response,
    ):
        assert response.status == 200, await response.text()
        shown: Json = await response.json()
        return shown


async def status_of(service: Service, key: str | None, path: str = ONE, **headers: str) -> int:
    """What a GET with that key is answered with."""
    sent = headers | (bearer(key) if key is not None else {})
    async with aiohttp.ClientSession(service.url) as client, client.get(path, headers=sent) as response:
        await response.read()
        return response.status
