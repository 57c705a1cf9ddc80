"""More requests than there is room for: the rest are told to come back, and then are let in again."""

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import KEY, StartService, emulator, start_service, store
from tests.lookup.paid import numbers
from tests.waiting import wait_until
from validator_svc.http.admission import MOST_S, Admission
from validator_svc.http.draining import InFlight
from validator_svc.http.errors import ApiError

__all__ = ["KEY", "emulator", "start_service", "store"]


async def test_the_rest_is_told_to_come_back_and_health_is_answered(
    start_service: StartService, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.set_faults({"latency": "3s"})
    service = await asyncio.to_thread(start_service, VALIDATOR_REQUESTS="10")
    connector = aiohttp.TCPConnector(limit=0)

    async def status_of(number: str) -> int:
        params = {"phone_number": number, "type": "analysis"}
        async with client.get("/v1/validation", params=params) as response:
            if response.status == 503:
                assert response.headers["Retry-After"] == "1"
                assert (await response.json())["code"] == "overloaded"
            return response.status

    async with aiohttp.ClientSession(service.url, connector=connector) as client:
        asked = [asyncio.create_task(status_of(number)) for number in numbers(30)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        for path in ("/healthz", "/metrics"):
            async with client.get(path) as response:
                assert response.status == 200
        assert Counter(await asyncio.gather(*asked)) == {200: 10, 503: 20}
        assert await status_of(numbers(1)[0]) == 200


async def test_an_event_loop_that_does_not_come_round_lets_nobody_in_until_it_does() -> None:
    admission = Admission(InFlight(), 1)
    admission.check("/v1/validation")
    admission._worked_s = MOST_S
    admission.check("/healthz")
    with pytest.raises(ApiError, match="as many requests under way"):
        admission.check("/v1/validation")
    admission.watch()
    await wait_until(lambda: admission._worked_s < MOST_S)
    admission.check("/v1/validation")
