"""`/v1/stream`: line N in, record N out, while the request is still being sent."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.service import Service, running
from tests.waiting import PATIENCE_S

TEXT = {"Content-Type": "text/plain"}
NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
HEAD = b"POST /v1/stream?type=validation HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"


async def streamed(
    client: aiohttp.ClientSession, body: object, headers: dict[str, str] = TEXT, query: str = "type=format"
) -> list[dict[str, object]]:
    async with client.post(f"/v1/stream?{query}", data=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "application/x-ndjson"
        return [orjson.loads(line) for line in (await response.read()).splitlines()]


def echoes(records: list[dict[str, object]]) -> list[object]:
    return [record["phone_number"] for record in records]


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"1", ["1"]),
        (b"1\n", ["1"]),
        (b"1\n\n2", ["1", "", "2"]),
        (b"1\r\n2\r3\n", ["1", "2", "3"]),
        (b"\xef\xbb\xbf1\n2", ["1", "2"]),
        (b"\xff1\n2\x00", ["\ufffd1", "2\x00"]),
        ("٠٠٦٢\n＋62".encode(), ["٠٠٦٢", "＋62"]),
    ],
)
async def test_line_n_is_record_n(client: aiohttp.ClientSession, body: bytes, numbers: list[str]) -> None:
    assert echoes(await streamed(client, body)) == numbers


async def test_pieces_may_be_cut_anywhere(client: aiohttp.ClientSession) -> None:
    async def bytes_one_by_one() -> AsyncIterator[bytes]:
        for byte in "+6281234567000\r\n٦٢\r\n\r\n1".encode():
            yield bytes([byte])

    assert echoes(await streamed(client, bytes_one_by_one())) == ["+6281234567000", "٦٢", "", "1"]


async def test_a_charset_is_honoured(client: aiohttp.ClientSession) -> None:
    records = await streamed(client, "é1".encode("latin-1"), {"Content-Type": "text/plain; charset=latin-1"})
    assert echoes(records) == ["é1"]


async def test_a_compressed_stream(client: aiohttp.ClientSession) -> None:
    body = gzip.compress(b"1\n2\n") + gzip.compress(b"3")
    assert echoes(await streamed(client, body, TEXT | {"Content-Encoding": "gzip"})) == ["1", "2", "3"]


async def test_ndjson_lines(client: aiohttp.ClientSession) -> None:
    lines = [
        b'"+6281234567000"',
        b'{"phone_number": "+6281234567000", "name": "A"}',
        b'{"name": "A"}',
        b'{"phone_number": 7}',
        b"broken",
        b"",
        b"7",
        b'"\\ud800"',
        b'"1"',
    ]
    records = await streamed(client, b"\n".join(lines), NDJSON)
    unreadable = ("", "unreadable_line")
    assert [(r["phone_number"], r["reason"]) for r in records] == [
        ("+6281234567000", None),
        ("+6281234567000", None),
        unreadable,
        ("7", "too_short"),
        unreadable,
        ("", "empty"),
        ("7", "too_short"),
        unreadable,
        ("1", "too_short"),
    ]


async def test_the_field_with_the_number_may_be_named(client: aiohttp.ClientSession) -> None:
    records = await streamed(client, b'{"tel": "+6281234567000"}', NDJSON, "type=format&column=tel")
    assert records[0]["is_valid"] is True


@pytest.mark.parametrize(
    ("body", "query", "numbers"),
    [
        (b"name,phone\nA,1\nB,+6281234567000\n", "", ["1", "+6281234567000"]),
        (b'name;phone\r\n"A\r\nB";1\r\nC;"2"', "", ["1", "2"]),
        (b"+6281234567000,x\n+6281234567001,y\n", "", ["+6281234567000", "+6281234567001"]),
        (b"a,b\n1,2\n3,4\n", "column=b", ["2", "4"]),
        (b"phone,b\n1\n,4\n", "", ["1", ""]),
        (b'phone,b\n5" pipe,2\n"x\ny",4\n', "", ['5" pipe', "x\ny"]),
    ],
)
async def test_csv_rows(client: aiohttp.ClientSession, body: bytes, query: str, numbers: list[str]) -> None:
    for data in (body, in_pieces(body)):
        records = await streamed(client, data, CSV, f"type=format&{query}")
        assert echoes(records) == numbers


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    "before",
    [
        "",
        "sep=;\r\n",
        "\r\n",
        ";;\r\n",
        "Customers;;\r\n\r\n",
        "Customers, all of them\r\n\r\n\r\n",
        "\ufeff\r\n",
    ],
)
async def test_what_stands_before_the_header_of_csv_is_left_out(
    client: aiohttp.ClientSession, before: str, size: int
) -> None:
    body = (before + "No;Name;Phone\r\n1;Anna;+447400123456\r\n2;Budi;+6281234567000\r\n").encode()
    assert echoes(await streamed(client, in_pieces(body, size), CSV)) == ["+447400123456", "+6281234567000"]


@pytest.mark.parametrize("query", ["type=format", "type=format&column=3"])
@pytest.mark.parametrize("first", ["1,,+6281234567000", ",,+6281234567000", "Anna,Mobile,+6281234567000"])
async def test_a_first_row_of_data_is_a_record(client: aiohttp.ClientSession, first: str, query: str) -> None:
    body = f"{first}\n3,x,+6281234567001\n".encode()
    for pieces in (body, in_pieces(body, 1)):
        assert echoes(await streamed(client, pieces, CSV, query)) == ["+6281234567000", "+6281234567001"]


async def in_pieces(body: bytes, size: int = 1) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize(
    ("body", "query", "word"),
    [
        (b"name,phone\n", "", "header"),
        (b"a,b\nx,y\n", "", "column"),
        (b"a,b\n1,2\n", "column=c", "'c'"),
        (b'phone\n"1\n2\n', "", "line 2"),
    ],
)
async def test_csv_that_cannot_be_read(
    client: aiohttp.ClientSession, body: bytes, query: str, word: str
) -> None:
    async with client.post(f"/v1/stream?type=format&{query}", data=body, headers=CSV) as response:
        assert response.status == 422
        assert word in (await response.json())["message"]


async def test_a_line_of_10_mb_is_too_long_and_the_next_one_works(client: aiohttp.ClientSession) -> None:
    records = await streamed(client, io.BytesIO(b"1" * 10_000_000 + b"\n+6281234567000\n"))
    assert [record["reason"] for record in records] == ["too_long", None]


async def test_country_and_type_count_for_every_line(client: aiohttp.ClientSession) -> None:
    records = await streamed(client, b"0812 3456 7000\n+1 900 555 1234", query="type=validation&country=ID")
    assert [record["country_code"] for record in records] == ["ID", "US"]
    assert records[0]["timezone"] == "UTC+07:00"
    assert "valid" not in records[0]


async def test_a_million_lines_are_answered_while_they_are_sent(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        async with aiohttp.ClientSession(service.url) as client:
            await streamed(client, b"+6281234567000\n" * 1_000)
            await stream_a_million_lines(client, service)


async def stream_a_million_lines(client: aiohttp.ClientSession, service: Service) -> None:
    count = 1_000_000
    block = 1_000
    first_record = asyncio.Event()
    sent = 0

    async def lines() -> AsyncIterator[bytes]:
        nonlocal sent
        for start in range(0, count, block):
            yield b"".join(b"+62812%08d\n" % n for n in range(start, start + block))
            sent += block
            if sent == block:
                await asyncio.wait_for(first_record.wait(), PATIENCE_S)

    before_kb = service.resident_kb()
    async with client.post("/v1/stream?type=format", data=lines(), headers=TEXT) as response:
        answered = 0
        async for line in response.content:
            if not first_record.is_set():
                assert sent < count
                first_record.set()
            assert line.startswith(b'{"phone_number":"+62812%08d"' % answered)
            answered += 1
    assert answered == count
    assert service.highest_kb() - before_kb < 50_000


async def test_a_reader_that_does_not_read_holds_up_nobody_else(
    client: aiohttp.ClientSession, service: Service
) -> None:
    before_kb = service.resident_kb()
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(HEAD)
    piece = b"+6281234567000\n" * 4_000
    try:
        # The service stops reading once its own answers are not taken: then sending blocks too.
        for _ in range(1_000):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.wait_for(writer.drain(), 3)
    except TimeoutError:
        pass
    else:
        pytest.fail("60 MB were taken from a client that reads nothing")
    assert len(await streamed(client, b"1\n2")) == 2
    assert service.resident_kb() - before_kb < 50_000
    writer.transport.abort()


async def test_a_client_that_vanishes_leaves_the_service_well(
    client: aiohttp.ClientSession, service: Service
) -> None:
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(HEAD + b"2\r\n1\n\r\n")
        await writer.drain()
        writer.transport.abort()
    assert len(await streamed(client, b"1\n2")) == 2
    assert not [line for line in service.log if b"Traceback" in line]
