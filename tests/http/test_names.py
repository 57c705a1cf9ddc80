"""Every route refuses what it does not know, and names what was meant."""

import uuid

import aiohttp
import orjson
import pytest

from tests.batches.asking import posted
from tests.http.test_errors import expect
from validator_svc.access.api_key import new_secret
from validator_svc.http.names import meant_by, shown
from validator_svc.http.route import Route
from validator_svc.http.route_table import ROUTES

STRICT = [route for route in ROUTES if route.path.startswith("/v1/") and route.needs == "key"]
FORM = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n1\n\r\n--x--\r\n'


def path_of(route: Route) -> str:
    path = route.path.replace("{batch_id}", str(uuid.uuid4()))
    return path.replace("{system}/{path}", "wavix-call/v1/calls").replace("{system}", "wavix-call")


@pytest.mark.parametrize("route", STRICT, ids=lambda route: f"{route.method} {route.path}")
async def test_a_parameter_that_a_route_does_not_know(client: aiohttp.ClientSession, route: Route) -> None:
    async with client.request(route.method, f"{path_of(route)}?colour=red") as response:
        await expect(response, 400, "unknown parameter 'colour'", *route.parameters, "appid")


@pytest.mark.parametrize("route", STRICT, ids=lambda route: f"{route.method} {route.path}")
async def test_each_known_name_is_taken_once_only(client: aiohttp.ClientSession, route: Route) -> None:
    for name in (*route.parameters, "appid"):
        async with client.request(route.method, f"{path_of(route)}?{name}=1&{name}=1") as response:
            await expect(response, 400, f"{name}: expected once")


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics"])
async def test_probes_may_add_what_they_like(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(f"{path}?at=1&at=2") as response:
        assert response.status == 200


MISSPELT = [
    ("GET", "/v1/validation", "contry=US", "country"),
    ("GET", "/v1/validation", "region=US", "country"),
    ("GET", "/v1/validation", "country_code=US", "country"),
    ("GET", "/v1/validation", "phoneNumber=1", "phone_number"),
    ("GET", "/v1/validation", "number=1", "phone_number"),
    ("GET", "/v1/validation", "forse=true", "force"),
    ("POST", "/v1/batches", "maxcost=0.05", "max_cost"),
    ("POST", "/v1/batches", "max-cost=0.05", "max_cost"),
    ("POST", "/v1/batches", "MaxCost=0.05", "max_cost"),
    ("POST", "/v1/batches", "budget=0.05", "max_cost"),
    ("POST", "/v1/batches", "max_costs=0.05", "max_cost"),
    ("POST", "/v1/batches", "colum=tel", "column"),
    ("POST", "/v1/batches", "webhook=http://x", "webhook_url"),
    ("POST", "/v1/estimate", "has_header=true", "header"),
    ("POST", "/v1/stream", "maxage=1", "max_age"),
    ("POST", "/v1/stream", "Type=format", "type"),
    ("GET", "/v1/batches", "perpage=1", "per_page"),
    ("GET", "/v1/batches/1/results", "fromat=csv", "format"),
    ("GET", "/v1/batches/1/results", "filter=valid", "only"),
    ("GET", "/v1/validation/1", "skip=1", "offset"),
    ("POST", "/v1/batches/1/resume", "maxcost=1", "max_cost"),
]


@pytest.mark.parametrize(("method", "path", "query", "meant"), MISSPELT)
async def test_the_name_that_was_meant(
    client: aiohttp.ClientSession, method: str, path: str, query: str, meant: str
) -> None:
    async with client.request(method, f"{path}?{query}") as response:
        await expect(response, 400, query.partition("=")[0], f"did you mean {meant}?")


def test_a_key_that_is_sent_as_a_name_is_not_repeated() -> None:
    _, key = new_secret()
    assert shown(key) == "vs_…"
    assert shown(f"Bearer {key}") == "Bearer vs_…"
    assert shown("vs_colour") == "vs_colour"


async def test_no_error_repeats_a_key(client: aiohttp.ClientSession) -> None:
    _, key = new_secret()
    async with client.get("/v1/validation", params={key: "1"}) as response:
        text = await response.text()
        await expect(response, 400, "unknown parameter 'vs_…'")
    assert key[20:30] not in text


def test_nothing_is_meant_by_what_is_near_nothing() -> None:
    assert meant_by("colour", ("format", "offset")) is None
    assert meant_by("", ("format", "offset")) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (b'"contry":"US"', ("unknown key 'contry'", "did you mean country?")),
        (b'"region":"US"', ("unknown key 'region'", "did you mean country?")),
        (b'"max_cost":"1"', ("unknown key 'max_cost'", "known: phone_numbers")),
        (b'"ASYNC":true', ("unknown key 'ASYNC'", "did you mean async?")),
        (b'"numbers":["1"]', ("unknown key 'numbers'", "did you mean phone_numbers?")),
        (b'"type":"analysis"', ("type: expected once",)),
        (b'"force":false,"force":true', ("force: expected once",)),
        (b'"6281234567000":1', ("unknown key '…'",)),
    ],
)
async def test_keys_of_a_list(client: aiohttp.ClientSession, more: bytes, words: tuple[str, ...]) -> None:
    body = b'{"type":"format","phone_numbers":["1"],' + more + b"}"
    async with client.post("/v1/validation", data=body) as response:
        await expect(response, 400, *words)


async def test_a_number_that_reads_like_a_key_is_no_key(client: aiohttp.ClientSession) -> None:
    body = {"type": "format", "phone_numbers": ["type", "type", "force"], "country": None, "force": None}
    async with client.post("/v1/validation", json=body | {"max_age": None, "appid": "k"}) as response:
        assert response.status == 200
        assert (await response.json())["count"] == 3


async def test_what_belongs_into_the_body(client: aiohttp.ClientSession) -> None:
    body = {"type": "format", "phone_numbers": ["1"]}
    async with client.post("/v1/validation?country=US", json=body) as response:
        await expect(response, 400, "country", "belongs into the body")


@pytest.mark.parametrize("action", ["cancel", "resume", "retry"])
async def test_a_body_that_nobody_would_look_at(client: aiohttp.ClientSession, action: str) -> None:
    batch_id = await posted(client, b"1\n")
    async with client.post(f"/v1/batches/{batch_id}/{action}", json={"max_cost": "5"}) as response:
        await expect(response, 400, "body: expected none")
    async with client.post(f"/v1/batches/{batch_id}/{action}", data=b"max_cost=5" * 9_999) as response:
        await expect(response, 400, "body: expected none")
    async with client.post(f"/v1/batches/{batch_id}/{action}", json={}) as response:
        assert response.status in (200, 409)


async def test_the_key_of_the_caller_is_known_everywhere(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/validation?phone_number=1&type=format&appid=k") as response:
        assert response.status == 200
    async with client.post("/v1/stream?type=format&appid=k", data=b"1\n") as response:
        assert orjson.loads(await response.read())["phone_number"] == "1"


@pytest.mark.parametrize("route", ["batches", "estimate"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("maxcost", ("unknown field 'maxcost'", "did you mean max_cost?")),
        ("", ("unknown field ''",)),
        ("country", ("country: expected once",)),
    ],
)
async def test_fields_of_a_form(
    client: aiohttp.ClientSession, route: str, name: str, words: tuple[str, ...]
) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n0.01\r\n' % name.encode()
    url = f"/v1/{route}?type=format&country=ID"
    async with client.post(url, data=part + FILE, headers={"Content-Type": FORM}) as response:
        await expect(response, 400, *words)
