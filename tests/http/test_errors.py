"""What is wrong with a request is said in one shape, with the right status, and harms nothing."""

import asyncio
import gzip
import io
import zlib
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from tests.service import Service
from tests.waiting import PATIENCE_S

JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}


async def expect(response: aiohttp.ClientResponse, status: int, *words: str) -> None:
    """The error body, the status, and each of `words` in the message."""
    assert response.status == status, await response.text()
    assert response.content_type == "application/json"
    body = orjson.loads(await response.read())
    assert body.keys() == {"success", "error", "code", "message"}
    assert body["success"] is False
    assert body["error"] is True
    assert body["code"]
    for word in words:
        assert word in body["message"]


@pytest.fixture(autouse=True)
async def still_well(client: aiohttp.ClientSession, service: Service) -> AsyncIterator[None]:
    """After each bad request the next good one works, and the process kept its memory."""
    before_kb = service.resident_kb()
    yield
    async with client.get("/v1/validation?phone_number=6281234567000&type=format") as response:
        assert response.status == 200
    assert service.resident_kb() - before_kb < 80_000


QUERIES = [
    ("", "phone_number"),
    ("type=format", "phone_number"),
    ("phone_number=&type=format", "phone_number"),
    ("phone_number=%20&type=format", "phone_number"),
    ("phone_number=1", "type"),
    ("phone_number=1&type=", "type"),
    ("phone_number=1&type=deep", "analysis"),
    ("phone_number=1&type=format&type=format", "type"),
    ("phone_number=1&type=format&country=", "country"),
    ("phone_number=1&type=format&country=XX", "country"),
    ("phone_number=1&type=format&country=001", "country"),
    ("phone_number=1&type=format&force=maybe", "force"),
    ("phone_number=%FF%FE&type=format", "phone_number: expected percent-encoded UTF-8"),
    ("phone_number=1&type=format&country=%ED%A0%80", "country: expected percent-encoded UTF-8"),
    ("phone_number=1&type=%FF", "type: expected percent-encoded UTF-8"),
    ("phone_number=1&type=format&country=ID%00", "country"),
    ("phone_number=1&type=format&%FF=1", "UTF-8"),
    ("phone_number=%ED%A0%80&type=format", "UTF-8"),
    ("phone_number=" + "1" * 1001 + "&type=format", "1000"),
    ("&".join(f"p{n}=1" for n in range(101)), "100"),
]


@pytest.mark.parametrize(("query", "word"), QUERIES)
async def test_bad_queries(client: aiohttp.ClientSession, query: str, word: str) -> None:
    async with client.get(f"/v1/validation?{query}") as response:
        await expect(response, 400, word)


async def test_a_nul_byte_is_no_number_and_no_fault(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/validation?phone_number=%00&type=format") as response:
        assert response.status == 200
        assert (await response.json())["reason"] == "not_a_number"


BODIES = [
    (b"", "JSON"),
    (b"no json", "JSON"),
    (b"[1]", "an array"),
    (b"{}", "type"),
    (b'{"type": 7, "phone_numbers": ["1"]}', "type"),
    (b'{"type": "deep", "phone_numbers": ["1"]}', "type"),
    (b'{"type": "format"}', "phone_numbers"),
    (b'{"type": "format", "phone_numbers": null}', "null"),
    (b'{"type": "format", "phone_numbers": "1"}', "a string"),
    (b'{"type": "format", "phone_numbers": {}}', "an object"),
    (b'{"type": "format", "phone_numbers": []}', "empty"),
    (b'{"type": "format", "phone_numbers": ["1", 2]}', "phone_numbers[1]: expected a string, got a number"),
    (b'{"type": "format", "phone_numbers": [null]}', "phone_numbers[0]: expected a string, got null"),
    (b'{"type": "format", "phone_numbers": ["1"], "async": "no"}', "async"),
    (b'{"type": "format", "phone_numbers": ["1"], "force": 1}', "force"),
    (b'{"type": "format", "phone_numbers": ["1"], "country": "Narnia"}', "country"),
    (b'{"type": "format", "phone_numbers": ["1"], "country": 62}', "country"),
    (b'{"type": "format", "phone_numbers": ["\xff\xfe"]}', "UTF-8"),
    (b'{"type": "format", "phone_numbers": ["\\ud800"]}', "JSON"),
    (b'{"type": "format", "phone_numbers": ["1"' + b"\x00]}", "JSON"),
    (b"[" * 100_000, "JSON"),
    (b'{"type": "format", "phone_numbers": ["' + b"1" * 3_000_000 + b'"]}', "phone_numbers[0]"),
]


@pytest.mark.parametrize(("body", "word"), BODIES, ids=lambda value: repr(value)[:60])
async def test_bad_bodies(client: aiohttp.ClientSession, body: bytes, word: str) -> None:
    async with client.post("/v1/validation", data=io.BytesIO(body), headers=JSON) as response:
        await expect(response, 400, word)


async def test_too_many_numbers(client: aiohttp.ClientSession) -> None:
    body = {"type": "format", "phone_numbers": ["1"] * 100_001}
    async with client.post("/v1/validation", json=body) as response:
        await expect(response, 413, "100000", "100001", "async")


async def test_a_body_of_200_mb_that_says_so(client: aiohttp.ClientSession) -> None:
    headers = JSON | {"Content-Length": str(200 * 1024 * 1024)}
    async with client.post("/v1/validation", data=zeros(1), headers=headers) as response:
        await expect(response, 413, "bytes")


async def test_a_body_of_200_mb_that_does_not_say_so(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/validation", data=zeros(200), headers=JSON) as response:
        await expect(response, 413, "bytes")


async def zeros(mib: int) -> AsyncIterator[bytes]:
    for _ in range(mib):
        yield bytes(1024 * 1024)


async def test_a_bomb_of_compressed_zeros(client: aiohttp.ClientSession) -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    headers = JSON | {"Content-Encoding": "gzip"}
    async with client.post("/v1/validation", data=bomb, headers=headers) as response:
        await expect(response, 413, "bytes")


COMPRESSED = gzip.compress(b'{"type": "format", "phone_numbers": ["1"]}', mtime=0)
ENCODED = [
    ("gzip", b"no gzip", 400),
    ("gzip", b"", 400),
    ("gzip", COMPRESSED[:-12], 400),
    ("gzip", COMPRESSED + b"rest", 400),
    ("deflate", COMPRESSED[3:], 400),
    ("br", COMPRESSED, 415),
    ("gzip, gzip", COMPRESSED, 415),
]


@pytest.mark.parametrize(("encoding", "body", "status"), ENCODED)
@pytest.mark.parametrize("route", ["/v1/validation", "/v1/stream?type=format"])
async def test_bodies_that_do_not_match_their_encoding(
    client: aiohttp.ClientSession, route: str, encoding: str, body: bytes, status: int
) -> None:
    media_type = JSON if route == "/v1/validation" else TEXT
    async with client.post(route, data=body, headers=media_type | {"Content-Encoding": encoding}) as response:
        await expect(response, status, "ncoding")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "identity"])
async def test_bodies_that_match_their_encoding(client: aiohttp.ClientSession, encoding: str) -> None:
    plain = b'{"type": "format", "phone_numbers": ["1"]}'
    packed = {"deflate": zlib.compress(plain), "identity": plain}.get(encoding, gzip.compress(plain))
    headers = JSON | {"Content-Encoding": encoding}
    async with client.post("/v1/validation", data=packed, headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize("media_type", ["text/csv", "application/xml", "application/x-www-form-urlencoded"])
async def test_a_list_in_another_media_type(client: aiohttp.ClientSession, media_type: str) -> None:
    async with client.post(
        "/v1/validation", data=b"type=format", headers={"Content-Type": media_type}
    ) as response:
        await expect(response, 415, "application/json")


STREAMS = [
    ("", TEXT, 400, "type"),
    ("type=deep", TEXT, 400, "type"),
    ("type=format&country=XX", TEXT, 400, "country"),
    ("type=format", {"Content-Type": "application/xml"}, 415, "text/plain"),
    ("type=format", {"Content-Type": "text/plain; charset=klingon"}, 415, "charset"),
    *(
        ("type=format", {"Content-Type": f"{media_type}; charset={charset}"}, 415, "charset")
        for charset in ("hex", "zlib", "bz2", "idna", "punycode", "utf-7", "undefined", "unicode_escape")
        for media_type in ("text/plain", "text/csv", "application/x-ndjson")
    ),
]


@pytest.mark.parametrize(("query", "headers", "status", "word"), STREAMS)
async def test_bad_streams(
    client: aiohttp.ClientSession, query: str, headers: dict[str, str], status: int, word: str
) -> None:
    async with client.post(f"/v1/stream?{query}", data=b"1", headers=headers) as response:
        await expect(response, status, word)


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/estimate"])
@pytest.mark.parametrize("charset", ["zlib", "bz2", "idna", "punycode", "utf-7"])
async def test_files_in_no_text(client: aiohttp.ClientSession, path: str, charset: str) -> None:
    headers = {"Content-Type": f"text/csv; charset={charset}"}
    async with client.post(f"{path}?type=format", data=b"phone\n1\n", headers=headers) as response:
        await expect(response, 415, "charset")
    async with client.post(f"{path}?type=format&encoding={charset}", data=b"phone\n1\n") as response:
        await expect(response, 422, "unknown encoding")


@pytest.mark.parametrize("charset", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
async def test_wide_text_without_a_mark(client: aiohttp.ClientSession, charset: str, order: str) -> None:
    data = "phone\n+6281234567000\n".encode(f"{charset}-{order}")
    for path, media_type in (("stream", "text/plain"), ("stream", "text/csv"), ("estimate", "text/csv")):
        headers = {"Content-Type": f"{media_type}; charset={charset}"}
        async with client.post(f"/v1/{path}?type=format", data=data, headers=headers) as response:
            assert response.status == 200
            assert b"+6281234567000" in (text := await response.read()) or orjson.loads(text)["valid"] == 1


@pytest.mark.parametrize("route", ["/nowhere", "/v1", "/v1/validation/", "/v1/stream/x", "/%00", "/%ff"])
async def test_unknown_routes(client: aiohttp.ClientSession, route: str) -> None:
    async with client.get(route) as response:
        await expect(response, 404)


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("DELETE", "/v1/validation"),
        ("PUT", "/v1/stream"),
        ("GET", "/v1/stream"),
        ("POST", "/healthz"),
        ("OPTIONS", "/"),
        ("PROPFIND", "/"),
        ("BREW", "/"),
    ],
)
async def test_methods_that_a_route_does_not_take(
    client: aiohttp.ClientSession, method: str, route: str
) -> None:
    async with client.request(method, route) as response:
        await expect(response, 405)
        taken = response.headers.get("Allow", "").split(",")
        # Of a method that nothing takes, nothing is known.
        if method != "BREW":
            assert (await response.json())["message"].endswith(f"; it takes {', '.join(taken)}")


HEADS = [
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n: nameless\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: many\r\n\r\n", 400),
    (b"GET /v1/validation?phone_number=\xff&type=format HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 405),
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: a miracle\r\n\r\n", 417),
    (
        b"POST /v1/stream?type=format HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
    ),
    (
        b"POST /v1/validation HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n",
        400,
    ),
]


@pytest.mark.parametrize(("head", "status"), HEADS, ids=lambda value: repr(value)[:50])
async def test_requests_that_are_not_http(service: Service, head: bytes, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(head)
    status_line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
    headers = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
    length = int(headers.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = orjson.loads(await reader.readexactly(length))
    writer.close()
    assert int(status_line.split()[1]) == status
    assert body.keys() == {"success", "error", "code", "message"}


async def test_numbers_never_reach_the_log(client: aiohttp.ClientSession, service: Service) -> None:
    async with client.get("/v1/validation?phone_number=%2B6281298765432&type=validation") as response:
        assert response.status == 200
    async with client.get("/v1/validation/6281298765432") as response:
        assert response.status == 404
    for query in ("phone_number=6281298765432", "6281298765432=1"):
        async with client.get(f"/v1/validation/6281298765432?{query}") as response:
            assert response.status == 400
            assert "98765432" not in await response.text()
    async with client.get("/healthz?again=1") as response:
        assert response.status == 200
    assert not [line for line in service.log if b"98765432" in line]
