"""`/v1/stream` of files: what a batch takes, a stream takes too, and answers line by line."""

import asyncio
import contextlib
import gzip
import io
import json
from collections.abc import AsyncIterator, Callable

import aiohttp
import orjson
import pytest

from tests.batches.test_bad_files import row, workbook, workbook_of
from validator_svc.formats.compression import ZSTD

NUMBERS = ["+442079460958", "12", "+6281234567000"]
TEXT = "\n".join(NUMBERS).encode()
TABLE = b'name,phone\r\nAda,+442079460958\r\n"Bob\nand Co.",12\r\nCem,+6281234567000\r\n'
LINES = b"".join(json.dumps({"phone_number": each}).encode() + b"\n" for each in NUMBERS)
ARRAY = json.dumps([NUMBERS[0], {"phone_number": NUMBERS[1]}, NUMBERS[2]], indent=1).encode()
BOOK = workbook("".join(row(*texts) for texts in [("name", "phone"), *zip("ABC", NUMBERS, strict=True)]))
FORMATS = {"text": TEXT, "csv": TABLE, "ndjson": LINES, "array": ARRAY, "workbook": BOOK}


def in_zstd(content: bytes) -> bytes:
    file = io.BytesIO()
    with ZSTD.writer(file) as packer:
        packer.write(content)
    return file.getvalue()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "gzip": gzip.compress, "zstd": in_zstd}
MEDIA_TYPES = ("", "application/octet-stream", "application/x-www-form-urlencoded")


async def answered(
    client: aiohttp.ClientSession, body: object, headers: dict[str, str], query: str = "type=format"
) -> tuple[int, list[dict[str, object]] | str]:
    async with client.post(f"/v1/stream?{query}", data=body, headers=headers) as response:
        content = await response.read()
        if response.status != 200:
            return response.status, orjson.loads(content)["message"]
        return 200, [orjson.loads(line) for line in content.splitlines()]


def echoed(answer: tuple[int, list[dict[str, object]] | str]) -> list[object]:
    status, records = answer
    assert status == 200, records
    return [record["phone_number"] for record in records if isinstance(record, dict)]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_packed_or_not(client: aiohttp.ClientSession, name: str, packing: str) -> None:
    body = PACKINGS[packing](FORMATS[name])
    for media_type in MEDIA_TYPES:
        assert echoed(await answered(client, body, {"Content-Type": media_type})) == NUMBERS


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("application/json", "array"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "workbook"),
        ("application/vnd.ms-excel", "workbook"),
        ("application/vnd.ms-excel", "csv"),
        ("text/csv", "workbook"),
    ],
)
async def test_media_types_of_files(client: aiohttp.ClientSession, media_type: str, name: str) -> None:
    assert echoed(await answered(client, FORMATS[name], {"Content-Type": media_type})) == NUMBERS


@pytest.mark.parametrize("media_type", ["application/gzip", "application/x-gzip", "text/csv", "text/plain"])
async def test_a_packed_file_says_little(client: aiohttp.ClientSession, media_type: str) -> None:
    body = gzip.compress(TEXT if media_type == "text/plain" else TABLE)
    assert echoed(await answered(client, body, {"Content-Type": media_type})) == NUMBERS


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv"])
async def test_the_content_may_be_encoded_in_zstd(client: aiohttp.ClientSession, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Content-Encoding": "zstd"}
    body = in_zstd(TABLE if content_type == "text/csv" else TEXT)
    assert echoed(await answered(client, body, headers)) == NUMBERS


async def test_a_sheet_can_be_named(client: aiohttp.ClientSession) -> None:
    book = workbook_of(("One", row("phone") + row("1"), ""), ("Two", row("phone") + row("2"), ""))
    assert echoed(await answered(client, book, {}, "type=format&sheet=Two")) == ["2"]
    status, message = await answered(client, book, {}, "type=format&sheet=Three")
    assert status == 422
    assert "Three" in message


async def test_a_packed_list_in_another_encoding(client: aiohttp.ClientSession) -> None:
    body = gzip.compress("name;phone\r\nÉlodie;+442079460958\r\n".encode("utf-16"))
    assert echoed(await answered(client, body, {"Content-Type": "application/gzip"})) == [NUMBERS[0]]


async def test_a_long_file_in_small_pieces(client: aiohttp.ClientSession) -> None:
    count = 60_000
    body = in_zstd(b"".join(b"+62812%08d\n" % at for at in range(count)))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 5_000):
            yield body[start : start + 5_000]

    found = echoed(await answered(client, pieces(), {"Content-Type": "application/zstd"}))
    assert found == [f"+62812{at:08}" for at in range(count)]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (BOOK[:400], "workbook"),
        (gzip.compress(TEXT)[:-9], "cut short"),
        (in_zstd(TEXT)[:-9], "cut short"),
        (b"%PDF-1.7 \n1 0 obj", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "xls"),
    ],
    ids=["workbook", "gzip", "zstd", "pdf", "xls"],
)
async def test_what_cannot_be_read_is_told(client: aiohttp.ClientSession, body: bytes, what: str) -> None:
    status, message = await answered(client, body, {})
    assert status == 422
    assert what.lower() in str(message).lower()


async def test_an_answer_that_was_begun_breaks_off(client: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await answered(client, b'["1", ', {})


async def test_a_caller_who_goes_away_gives_its_place_back(client: aiohttp.ClientSession) -> None:
    async def never_ending() -> AsyncIterator[bytes]:
        yield gzip.compress(TEXT)[:20]
        await asyncio.Event().wait()

    for _ in range(40):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await answered(client, never_ending(), {})
    statuses: list[int] = []
    while not statuses or statuses[-1] == 503:
        assert len(statuses) < 200
        await asyncio.sleep(0.05)
        statuses.append((await answered(client, gzip.compress(TEXT), {}))[0])
    assert statuses[-1] == 200
