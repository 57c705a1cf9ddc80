"""No refused request leaves anything in memory."""

import aiohttp
import pytest

from loadtest.refused_bodies import KINDS, refuse
from tests.service import Service

WARM_UP = 5
REFUSED = 60
# What an allocator may keep; of the kinds that leaked, sixty were from 120 MB to 2 GB.
SPARE_KB = 60_000


@pytest.mark.parametrize("name", KINDS)
async def test_refused_requests_leave_nothing(
    client: aiohttp.ClientSession, service: Service, name: str
) -> None:
    await refuse(client, KINDS[name], WARM_UP)
    before_kb = service.resident_kb()
    await refuse(client, KINDS[name], REFUSED)
    assert service.resident_kb() - before_kb < SPARE_KB
