"""What a page in somebody's browser can have it send to a service without keys: nothing that is answered."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.access.keyed import ONE
from tests.http.test_errors import expect
from tests.service import Service

BODY = b'{"type":"format","phone_numbers":["1"]}'
ALLOWED = "https://app.example.com"

FOREIGN_HOSTS = [
    "evil.example", "evil.example:8080", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example",
    "evil.example.", "0.0.0.0", "[::]", "[2001:db8::1]", "169.254.169.254", "127.0.0.1@evil.example", "",
    "numbers.internal.evil.example", "[", "evil.example#127.0.0.1", "2130706433",
]  # fmt: skip
OUR_HOSTS = [
    "127.0.0.1", "127.0.0.1:1", "localhost:8080", "LOCALHOST", "localhost.", "[::1]:8080", "127.1.2.3",
    "numbers.internal", "Numbers.Internal:443", "app.localhost",
]  # fmt: skip


@pytest.fixture
async def client(open_service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(open_service.url) as client:
        yield client


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_foreign_host_is_refused(client: aiohttp.ClientSession, host: str) -> None:
    for path in (ONE, "/healthz", "/metrics", "/nowhere"):
        async with client.get(path, headers={"Host": host}) as response:
            await expect(response, 403, "Host", "VALIDATOR_HOSTS")


@pytest.mark.parametrize("host", OUR_HOSTS)
async def test_a_host_of_ours_is_not(client: aiohttp.ClientSession, host: str) -> None:
    async with client.get(ONE, headers={"Host": host}) as response:
        assert response.status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1",
                                    "http://localhost", "file://", "", "https://app.example.com.evil.example",
                                    "http://app.example.com", "http://[", "127.0.0.1"])  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/validation", "/v1/stream?type=format", "/v1/batches?type=format"])
async def test_a_foreign_origin_is_refused(client: aiohttp.ClientSession, path: str, origin: str) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Origin": origin, "Content-Type": media_type}
        async with client.post(path, data=BODY, headers=headers) as response:
            await expect(response, 403, "Origin")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "other"])
async def test_what_a_browser_says_of_the_page_counts(client: aiohttp.ClientSession, site: str) -> None:
    for method, path in (("GET", ONE), ("DELETE", "/v1/batches/1"), ("POST", "/v1/stream?type=format")):
        async with client.request(method, path, headers={"Sec-Fetch-Site": site}) as response:
            await expect(response, 403, "Sec-Fetch-Site")


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_our_own_pages_may(client: aiohttp.ClientSession, open_service: Service, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Origin": open_service.url}
    async with client.get(ONE, headers=headers) as response:
        assert response.status == 200


async def test_nobody_else_reads_an_answer(client: aiohttp.ClientSession, open_service: Service) -> None:
    async with client.get(ONE, headers={"Origin": open_service.url}) as response:
        assert not any(name.lower().startswith("access-control") for name in response.headers)
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    async with client.options("/v1/validation", headers=preflight) as response:
        await expect(response, 403, "Origin")


async def test_an_origin_that_is_set_may(client: aiohttp.ClientSession) -> None:
    page = {"Origin": ALLOWED, "Sec-Fetch-Site": "cross-site"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with client.options("/v1/validation", headers=page | asked) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    for path in (ONE, "/v1/validation?type=none", "/v1/batches/1/results"):
        async with client.get(path, headers=page) as response:
            assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
            assert "Origin" in response.headers.getall("Vary")
    async with client.post("/v1/stream?type=format", data="1\n", headers=page) as response:
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED


async def test_no_answer_is_taken_for_another_type(client: aiohttp.ClientSession) -> None:
    for path in (ONE, "/", "/healthz", "/metrics", "/nowhere", "/v1/validation", "/v1/batches/1/results"):
        async with client.get(path) as response:
            assert response.headers.getall("X-Content-Type-Options") == ["nosniff"]
    async with client.post("/v1/stream?type=format", data="1\n") as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    async with client.get("/" + "a" * 20_000) as response:
        assert response.status == 414
        assert response.headers["X-Content-Type-Options"] == "nosniff"
