"""HEAD has no body, on any route: what came after it would be taken for the next answer."""

import aiohttp
import pytest

from tests.http.raw import asked, head
from tests.service import Service
from validator_svc.http.route_table import ROUTES

PATHS = sorted({route.path for route in ROUTES if route.method == "GET"})
NEXT = head("GET", "/healthz", "Connection: close")


async def ended_batch(client: aiohttp.ClientSession) -> str:
    """A batch that has results."""
    async with client.post("/v1/batches?type=format", data=b"+6281234567000\nnobody\n") as response:
        assert response.status == 201, await response.text()
        batch_id: str = (await response.json())["request_uuid"]
    async with client.get(f"/v1/batches/{batch_id}/results") as response:
        assert len((await response.read()).splitlines()) == 2
    return batch_id


@pytest.mark.parametrize("accept", ["*/*", "application/x-ndjson", "text/csv"])
async def test_no_route_sends_a_body_for_head(
    client: aiohttp.ClientSession, service: Service, accept: str
) -> None:
    batch_id = await ended_batch(client)
    for path in PATHS:
        path = path.replace("{batch_id}", batch_id)
        query = "?phone_number=62&type=format" if path == "/v1/validation" else ""
        answer = asked(service, head("HEAD", path + query, f"Accept: {accept}") + NEXT)
        first, _, rest = answer.partition(b"\r\n\r\n")
        assert first.startswith(b"HTTP/1.1 "), path
        # A stream without an end has none for HEAD either, so the connection may be closed instead.
        assert rest == b"" or rest.startswith(b"HTTP/1.1 200 OK\r\n"), path
