"""Asking a service for batches, as a client does."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import orjson

from tests.waiting import PATIENCE_S

Json = dict[str, object]


async def posted(
    client: aiohttp.ClientSession,
    body: bytes | AsyncIterator[bytes],
    media_type: str = "text/plain",
    **params: str,
) -> str:
    """Send a file; returns the id of its batch."""
    async with client.post(
        "/v1/batches", params={"type": "format"} | params, data=body, headers={"Content-Type": media_type}
    ) as response:
        assert response.status == 201, await response.text()
        return str((await response.json())["request_uuid"])


async def refused(
    client: aiohttp.ClientSession,
    body: bytes | AsyncIterator[bytes],
    media_type: str = "text/csv",
    **params: str,
) -> tuple[int, str, str]:
    """Send a file that cannot be taken; returns status, code and message."""
    async with client.post(
        "/v1/batches", params={"type": "format"} | params, data=body, headers={"Content-Type": media_type}
    ) as response:
        error = await response.json()
        assert error["success"] is False
        return response.status, error["code"], error["message"]


async def state(client: aiohttp.ClientSession, batch_id: str) -> Json:
    """The batch as it stands."""
    async with client.get(f"/v1/batches/{batch_id}") as response:
        assert response.status == 200, await response.text()
        shown: Json = await response.json()
        return shown


async def reached(
    client: aiohttp.ClientSession, batch_id: str, status: str, within_s: float = PATIENCE_S
) -> Json:
    """Wait until the batch has that status."""
    deadline_s = time.monotonic() + within_s
    while (shown := await state(client, batch_id))["status"] != status:
        assert time.monotonic() < deadline_s, shown
        await asyncio.sleep(0.05)
    return shown


async def results(client: aiohttp.ClientSession, batch_id: str, **params: str) -> bytes:
    """The results as they come; waits for the batch to end."""
    async with client.get(f"/v1/batches/{batch_id}/results", params=params) as response:
        assert response.status == 200, await response.text()
        return await response.read()


async def records(client: aiohttp.ClientSession, batch_id: str, **params: str) -> list[Json]:
    """The results as records."""
    return [orjson.loads(line) for line in (await results(client, batch_id, **params)).splitlines()]


async def act(client: aiohttp.ClientSession, batch_id: str, action: str, **params: str) -> tuple[int, Json]:
    """Cancel, resume or retry; returns status and answer."""
    async with client.post(f"/v1/batches/{batch_id}/{action}", params=params) as response:
        return response.status, await response.json()
