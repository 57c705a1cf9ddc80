"""What fails is named: a disk that is full is not a store that is away."""

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
import redis

from tests.http.test_errors import expect
from tests.service import Service, running
from tests.store import running_store

CSV = {"Content-Type": "text/csv"}
# A workbook is kept on the disk before it is read; what follows the first bytes is not looked at by then.
WORKBOOK = b"PK\x03\x04" + bytes(512 * 1024)


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Service]:
    with running(tmp_path) as service:
        yield service


@contextmanager
def full_disk(service: Service) -> Iterator[None]:
    """No file of the service may grow, as on a full disk."""
    before = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("route", ["batches", "estimate"])
async def test_a_full_disk_is_not_a_store_that_is_away(own: Service, route: str) -> None:
    async with aiohttp.ClientSession(own.url) as client:
        with full_disk(own):
            async with client.post(f"/v1/{route}?type=format", data=WORKBOOK, headers=CSV) as response:
                await expect(response, 507, "disk")
                assert response.headers["Retry-After"]
        async with client.post(f"/v1/{route}?type=format", data=b"phone\n1\n", headers=CSV) as response:
            assert response.ok
    assert b"disk_fails" in b"".join(own.log)


async def test_an_object_store_without_room_is_named(own: Service) -> None:
    rows = b"phone\n" + b"".join(b"+6281234%06d\n" % (n * 7919 % 1_000_000) for n in range(20_000))
    async with aiohttp.ClientSession(own.url) as client:
        with full_disk(own):
            async with client.post("/v1/batches?type=format", data=rows, headers=CSV) as response:
                await expect(response, 503, "object store", "File too large")


async def test_a_store_that_refuses_says_why(tmp_path: Path) -> None:
    with (
        running_store() as store,
        running(tmp_path, REDIS_URL=store.url) as service,
        redis.Redis.from_url(store.url) as operator,
    ):
        operator.config_set("maxmemory", 1)
        async with (
            aiohttp.ClientSession(service.url) as client,
            client.post("/v1/batches?type=format", data=b"phone\n1\n", headers=CSV) as response,
        ):
            await expect(response, 503, "Redis", "maxmemory")
        operator.config_set("maxmemory", 0)
