"""Stores as they are reached: over TLS, over a slow network; and what REDIS_URL may say."""

import asyncio
import ssl
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis.exceptions

from tests.lookup.conftest import StartService
from tests.lookup.paid import assert_true, numbers, one
from tests.relay import relayed
from tests.service import Service
from tests.store import Store
from validator_svc.lookup.redis_client import connect, docket_url
from validator_svc.lookup.redis_cluster import tagged
from validator_svc.redis_url import options_of, redis_url


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server shows, and the file by which clients know it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made.split(), *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


async def status_of(service: Service, path: str) -> int:
    async with aiohttp.ClientSession(service.url) as client, client.get(path) as response:
        return response.status


async def test_a_store_over_tls(tmp_path: Path, store: Store, start_service: StartService) -> None:
    tls, certificate = certified(tmp_path)
    async with relayed(store.socket, tls) as relay:
        url = f"rediss://127.0.0.1:{relay.port}/0?ssl_ca_certs={certificate}"
        service = await asyncio.to_thread(start_service, REDIS_URL=url)
        assert_true(await one(service, numbers(1)[0]))
        assert (await one(service, numbers(1)[0]))["source"] == "cache"
        assert await status_of(service, "/readyz") == 200
        assert await asyncio.to_thread(service.stop) == 0
        # Somebody else's certificate is none.
        async with connect(f"rediss://127.0.0.1:{relay.port}/0") as stranger:
            with pytest.raises(redis.exceptions.ConnectionError):
                await stranger.ping()


async def test_a_slow_store_is_slow_and_not_away(store: Store, start_service: StartService) -> None:
    async with relayed(store.socket) as relay:
        service = await asyncio.to_thread(start_service, REDIS_URL=relay.url)
        assert_true(await one(service, numbers(1)[0]))
        relay.delay_s = 2.0
        asked = asyncio.gather(*[one(service, numbers(1)[0]) for _ in range(5)])
        assert await status_of(service, "/readyz") == 200
        records = await asked
        assert {record["source"] for record in records} == {"cache"}
        relay.delay_s = 0.0
        assert await asyncio.to_thread(service.stop) == 0
    assert not [line for line in service.log if b"store_away" in line]


@pytest.mark.parametrize(
    ("url", "sentinels", "master", "options"),
    [
        ("redis+sentinel://a/main", (("a", 26_379),), "main", {}),
        (
            "redis+sentinel://a:1,[::1]:2, b/main/3",
            (("a", 1), ("::1", 2), ("b", 26_379)),
            "main",
            {"db": 3},
        ),
        (
            "rediss+sentinel://me:p%40ss@a/main/1?socket_timeout=2&sentinel_password=x",
            (("a", 26_379),),
            "main",
            {"db": 1, "username": "me", "password": "p@ss", "socket_timeout": 2.0, "ssl": True},
        ),
    ],
)
def test_sentinels(
    url: str, sentinels: tuple[tuple[str, int], ...], master: str, options: dict[str, Any]
) -> None:
    found = redis_url(url)
    assert (found.kind, found.sentinels, found.master) == ("sentinel", sentinels, master)
    assert options_of(found) == {"ssl": False} | options


def test_what_sentinels_are_told() -> None:
    found = redis_url(
        "rediss+sentinel://a/main?sentinel_username=u&sentinel_password=x&ssl_check_hostname=no"
    )
    assert found.sentinel_options == {
        "username": "u",
        "password": "x",
        "ssl": True,
        "ssl_check_hostname": False,
    }


def test_a_cluster() -> None:
    assert redis_url("redis+cluster://u:p@a:7000/0?socket_timeout=3") == (
        *("cluster", "redis://u:p@a:7000/0?socket_timeout=3"),
        *((), "", {}),
    )


@pytest.mark.parametrize(
    ("url", "docket"),
    [
        ("redis://a", "redis://a?socket_timeout=10"),
        ("redis+sentinel://a,b/main?db=0", "redis+sentinel://a,b/main?db=0&socket_timeout=10"),
        ("redis+cluster://a?socket_timeout=7", "redis+cluster://a?socket_timeout=7"),
    ],
)
def test_docket_is_not_to_wait_for_ever(url: str, docket: str) -> None:
    assert docket_url(url) == docket


def test_keys_of_a_cluster_have_one_tag() -> None:
    assert [tagged(each) for each in ("vs:batch:{1}", "{vs:docket}:stream", b"vs:x", 7, "SET")] == [
        "{vs}:batch:{1}",
        "{vs:docket}:stream",
        b"vs:x",
        7,
        "SET",
    ]
