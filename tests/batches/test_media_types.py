"""Bodies are taken under the media types that people really send, or refused with the one to send."""

import gzip

import aiohttp
import orjson
import pytest

from tests.batches.asking import reached, records
from tests.http.test_errors import expect

NUMBER = "+6281234567000"
CSV = b"name,phone\nAnn,+6281234567000\n"
TSV = b"name\tphone\nAnn\t+6281234567000\n"
NDJSON = b'{"name":"Ann","phone_number":"+6281234567000"}\n'
ARRAY = b'["+6281234567000"]'
TEXT = b"+6281234567000\n"
CURL = "application/x-www-form-urlencoded"

FILES = [
    *((media_type, CSV) for media_type in ("text/csv", "application/csv", "application/x-csv", "text/x-csv")),
    ("text/comma-separated-values", CSV),
    ("TEXT/CSV; header=present", CSV),
    ("application/vnd.ms-excel", CSV),
    ("application/vnd.ms-excel", TSV),
    ("text/tsv", TSV),
    ("text/tab-separated-values", TSV),
    ("application/x-jsonlines", NDJSON),
    ("application/jsonl", NDJSON),
    ("application/json", ARRAY),
    ("application/json", NDJSON),
    *((media_type, body) for media_type in ("", CURL, "application/octet-stream") for body in (CSV, TSV)),
    *((media_type, body) for media_type in ("", CURL, "application/octet-stream") for body in (NDJSON, TEXT)),
    (CURL, ARRAY),
    (CURL, gzip.compress(CSV, mtime=0)),
    ("application/x-gzip", gzip.compress(NDJSON, mtime=0)),
]


@pytest.mark.parametrize(("media_type", "body"), FILES)
async def test_a_file_is_taken_as_what_it_is(
    client: aiohttp.ClientSession, media_type: str, body: bytes
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    skipped = [] if media_type else ["Content-Type"]
    async with client.post(
        "/v1/batches?type=format", data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        assert response.status == 201, await response.text()
        batch_id = (await response.json())["request_uuid"]
    await reached(client, batch_id, "success")
    assert [each["e164_format"] for each in await records(client, batch_id)] == [NUMBER]
    async with client.post(
        "/v1/estimate?type=format", data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        assert (await response.json())["valid"] == 1


STREAMS = [
    *((media_type, CSV) for media_type in ("text/csv", "application/csv", "text/x-csv", "application/x-csv")),
    ("text/comma-separated-values", CSV),
    ("text/tab-separated-values", TSV),
    ("application/vnd.ms-excel", CSV),
    ("application/jsonlines", NDJSON),
    ("application/json", NDJSON),
    ("application/problem+json", NDJSON),
    *((media_type, body) for media_type in ("", CURL, "application/octet-stream") for body in (CSV, TSV)),
    *((media_type, body) for media_type in ("", CURL, "application/octet-stream") for body in (NDJSON, TEXT)),
    (CURL, b"\n" + NDJSON),
    (CURL, b"\xef\xbb\xbf" + NDJSON),
]


@pytest.mark.parametrize(("media_type", "body"), STREAMS)
async def test_a_stream_is_read_as_what_it_is(
    client: aiohttp.ClientSession, media_type: str, body: bytes
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    skipped = [] if media_type else ["Content-Type"]
    async with client.post(
        "/v1/stream?type=format", data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        assert response.status == 200, await response.text()
        answers = [orjson.loads(line) for line in (await response.read()).splitlines()]
    assert [each["e164_format"] for each in answers if each["reason"] != "empty"] == [NUMBER]


@pytest.mark.parametrize(
    "line", [b"+1 201 555 0123, 555 0124", b"1-800-FLOWERS", b"tel:+6281234567000;ext=12", b"(201) 555-0123;"]
)
async def test_what_is_not_certain_is_a_number_a_line(client: aiohttp.ClientSession, line: bytes) -> None:
    async with client.post(
        "/v1/stream?type=format&country=US", data=line, headers={"Content-Type": CURL}
    ) as response:
        answers = [orjson.loads(each) for each in (await response.read()).splitlines()]
    assert [each["phone_number"] for each in answers] == [line.decode()]


REFUSED = [
    ("batches", "image/png", b"x", "send Content-Type: text/csv"),
    ("estimate", "text/html", b"<html>", "send Content-Type: text/csv"),
    ("batches", CURL, b"type=format&country=ID", "send Content-Type: text/csv"),
    ("batches", CURL, b"phone_numbers[]=1&phone_numbers[]=2\n", "send Content-Type: text/csv"),
    ("batches", "text/csv; charset=klingon", CSV, "charset"),
    ("stream", "image/png", b"x", "send Content-Type: text/plain"),
    ("stream", CURL, b"type=format&phone=1", "send Content-Type: text/plain"),
    ("stream", "application/json", b'{\n"phone_number": "1"}', "send Content-Type: text/plain"),
]
STREAMED = [
    ("application/json", ARRAY),
    (CURL, ARRAY),
    (CURL, gzip.compress(CSV, mtime=0)),
]


@pytest.mark.parametrize(("media_type", "body"), STREAMED)
async def test_a_file_is_streamed_whatever_it_is_called(
    client: aiohttp.ClientSession, media_type: str, body: bytes
) -> None:
    headers = {"Content-Type": media_type}
    async with client.post("/v1/stream?type=format", data=body, headers=headers) as response:
        assert response.status == 200
        (answer,) = (await response.read()).splitlines()
    assert orjson.loads(answer)["e164_format"] == "+6281234567000"


async def test_a_workbook_that_is_none_is_no_stream(client: aiohttp.ClientSession) -> None:
    async with client.post(
        "/v1/stream?type=format", data=b"PK\x03\x04" + bytes(99), skip_auto_headers=["Content-Type"]
    ) as response:
        await expect(response, 422, "no XLSX workbook")


@pytest.mark.parametrize(("route", "media_type", "body", "word"), REFUSED)
async def test_what_is_refused_says_what_to_send(
    client: aiohttp.ClientSession, route: str, media_type: str, body: bytes, word: str
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    skipped = [] if media_type else ["Content-Type"]
    async with client.post(
        f"/v1/{route}?type=format", data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        await expect(response, 415, word)


LIST = b'{"type":"format","phone_numbers":["+6281234567000"]}'
LISTS = ["", CURL, "application/octet-stream", "text/plain", "text/json", "Application/JSON; charset=UTF-8"]


@pytest.mark.parametrize("media_type", [*LISTS, "application/problem+json"])
@pytest.mark.parametrize("body", [LIST, b"\xef\xbb\xbf" + LIST, b" \n" + LIST])
async def test_a_list_is_taken_where_it_is_one(
    client: aiohttp.ClientSession, media_type: str, body: bytes
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    skipped = [] if media_type else ["Content-Type"]
    async with client.post(
        "/v1/validation", data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        assert (response.status, (await response.json())["count"]) == (200, 1)


@pytest.mark.parametrize(
    "media_type", [CURL, "text/plain", "application/octet-stream", "text/csv", "image/png"]
)
@pytest.mark.parametrize("body", [b"type=format&phone_numbers=1", TEXT, CSV, ARRAY])
async def test_a_list_that_is_none(client: aiohttp.ClientSession, media_type: str, body: bytes) -> None:
    async with client.post("/v1/validation", data=body, headers={"Content-Type": media_type}) as response:
        await expect(response, 415, "send Content-Type: application/json")


async def test_the_charset_of_a_file_is_heard(client: aiohttp.ClientSession) -> None:
    rows = "phone,město\n+420601123456,Šumperk Žďár\n".encode("cp1250")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
    part += b"Content-Type: text/csv; charset=windows-1250\r\n\r\n" + rows + b"\r\n--x--\r\n"
    for body, media_type in (
        (rows, 'text/csv; charset="cp1250"'),
        (part, "multipart/form-data; boundary=x"),
    ):
        async with client.post(
            "/v1/batches?type=format", data=body, headers={"Content-Type": media_type}
        ) as response:
            batch_id = (await response.json())["request_uuid"]
        await reached(client, batch_id, "success")
        async with client.get(f"/v1/batches/{batch_id}/results?format=csv") as response:
            assert (await response.text()).splitlines()[1].startswith("+420601123456,Šumperk Žďár,")
