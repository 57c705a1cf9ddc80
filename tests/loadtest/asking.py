"""A plain client of the emulator, and numbers to ask it about."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from loadtest.wavix_emulator import Emulator
from tests.waiting import PATIENCE_S

# Valid numbers of a mobile range of the United Arab Emirates.
NUMBERS = [str(971501390000 + n) for n in range(1_200)]
KEY = {"Authorization": "Bearer test"}


class Asker:
    """Asks one emulator, over a session of its own."""

    def __init__(self, emulator: Emulator) -> None:
        self.url = f"{emulator.url}/v1/validation"
        self.admin_url = f"{emulator.url}/emulator"
        self.session = aiohttp.ClientSession(headers=KEY)

    async def __aenter__(self) -> "Asker":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def single(self, number: str = NUMBERS[0], request_type: str = "analysis") -> tuple[int, Any]:
        """Status and body of a single check."""
        query = {"phone_number": number, "type": request_type}
        async with self.session.get(self.url, params=query) as response:
            return response.status, await response.json()

    async def many(
        self, numbers: list[str], request_type: str = "analysis", as_job: bool = False
    ) -> tuple[int, Any]:
        """Status and body of a bulk check, or of the start of an async job."""
        body = {"phone_numbers": numbers, "type": request_type, "async": as_job}
        async with self.session.post(self.url, json=body) as response:
            return response.status, await response.json()

    async def start(self, numbers: list[str]) -> str:
        """Start an async job; returns its id."""
        status, body = await self.many(numbers, as_job=True)
        assert status == 201
        job_id = body.get("request_id") or body["request_uuid"]
        assert isinstance(job_id, str)
        return job_id

    async def poll(self, job_id: str) -> tuple[int, Any]:
        """Status and body of a poll."""
        async with self.session.get(f"{self.url}/{job_id}") as response:
            return response.status, await response.json()

    async def items(self, numbers: list[str]) -> list[dict[str, Any]]:
        """The items of a bulk check that succeeds."""
        status, body = await self.many(numbers)
        assert status == 200
        items: list[dict[str, Any]] = body["items"]
        return items


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
