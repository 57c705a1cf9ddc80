"""Downloads of results: compressed on request, and going on where they broke off."""

import asyncio
import csv
import gzip
import io
import re
from collections.abc import AsyncIterator
from urllib.parse import unquote

import aiohttp
import pytest
from backports import zstd

from tests.batches.asking import act, posted, reached, results, state
from tests.batches.processes import Processes
from tests.lookup.paid import numbers
from tests.waiting import PATIENCE_S


def one_frame(data: bytes) -> bytes:
    """What is in zstd, of which many clients read the first frame only."""
    decompressor = zstd.ZstdDecompressor()
    plain = decompressor.decompress(data)
    assert decompressor.eof
    assert not decompressor.unused_data
    return plain


UNPACK = {"gzip": gzip.decompress, "zstd": one_frame}
SEGMENT = 1_000
ROWS = 3_500
FOLLOWED = ["format=ndjson", "format=csv", "dialect=excel", "only=valid", "offset=3", "format=csv&offset=5"]


def people(texts: list[str]) -> bytes:
    """A file with line breaks and quotes in its cells."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["name", "phone"])
    writer.writerows([f'"José"\n{at}' if at % 3 else "Ann", text] for at, text in enumerate(texts))
    return file.getvalue().encode()


PEOPLE = people(numbers(ROWS))


@pytest.fixture
async def raw(group: Processes) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that gets bodies as they are sent."""
    service = group.serve(VALIDATOR_SEGMENT_ROWS=str(SEGMENT))
    headers = {"Accept-Encoding": "identity"}
    async with aiohttp.ClientSession(service.url, auto_decompress=False, headers=headers) as client:
        yield client


async def packed(client: aiohttp.ClientSession, path: str, coding: str, **params: str) -> bytes:
    """The body unpacked; fails when it did not come in that coding."""
    async with client.get(path, params=params, headers={"Accept-Encoding": coding}) as response:
        assert response.status == 200
        assert response.headers["Content-Encoding"] == coding
        assert response.headers["Vary"] == "Accept-Encoding"
        return UNPACK[coding](await response.read())


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_results_come_compressed_on_request(raw: aiohttp.ClientSession, coding: str) -> None:
    batch_id = await posted(raw, PEOPLE, "text/csv")
    path = f"/v1/batches/{batch_id}/results"
    queries: list[dict[str, str]] = [
        {},
        {"format": "csv"},
        {"dialect": "excel"},
        {"only": "valid"},
        {"offset": str(2 * SEGMENT)},
        {"offset": "1234"},
        {"format": "csv", "offset": "1234"},
    ]
    for query in queries:
        plain = await results(raw, batch_id, **query)
        assert await packed(raw, path, coding, **query) == plain
        assert plain
    poll = f"/v1/validation/{batch_id}"
    async with raw.get(poll, headers={"Accept": "application/x-ndjson"}) as response:
        plain = await response.read()
    headers = {"Accept": "application/x-ndjson", "Accept-Encoding": coding}
    async with raw.get(poll, headers=headers) as response:
        assert UNPACK[coding](await response.read()) == plain


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip;q=0.5, zstd;q=0.1", "gzip"),
        ("gzip, zstd", "zstd"),
        ("GZIP", "gzip"),
        ("zstd;q=0, gzip;q=0", None),
        ("br, deflate", None),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=much", None),
        ("*", None),
        ("", None),
    ],
)
async def test_the_coding_that_the_client_likes_best(
    client: aiohttp.ClientSession, accepted: str, coding: str | None
) -> None:
    batch_id = await posted(client, b"+6281234567000\n")
    headers = {"Accept-Encoding": accepted}
    async with client.get(f"/v1/batches/{batch_id}/results", headers=headers) as response:
        assert response.headers.get("Content-Encoding") == coding
        assert (await response.read()).count(b"\n") == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("customers.csv", "customers.results.valid.csv"),
        ('März; "all".xlsx', 'März; "all".results.valid.csv'),
        ("a\r\nSet-Cookie: b=c", "a\r\nSet-Cookie: b=c.results.valid.csv"),
        ("", None),
    ],
)
async def test_a_browser_keeps_results_under_the_name_of_their_list(
    client: aiohttp.ClientSession, name: str, kept: str | None
) -> None:
    batch_id = await posted(client, b"+6281234567000\n", name=name)
    await reached(client, batch_id, "success")
    path = f"/v1/batches/{batch_id}/results?format=csv&only=valid"
    async with client.get(path) as response:
        assert "Set-Cookie" not in response.headers
        plain, _, encoded = response.headers["Content-Disposition"].partition("; filename*=UTF-8''")
    assert plain == f'attachment; filename="{batch_id}.csv"'
    assert unquote(encoded) == (kept or f"{batch_id}.results.valid.csv")
    assert re.fullmatch(r"[\w.~%-]+", encoded)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("format", ["ndjson", "csv"])
async def test_a_batch_that_runs_is_followed_compressed(paying: Processes, coding: str, format: str) -> None:
    service = paying.serve(VALIDATOR_SEGMENT_ROWS_UPSTREAM="10")
    body = people(numbers(100))
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, body, "text/csv", type="analysis", max_cost="0.06")
        await reached(client, batch_id, "paused")
        answered = 100 - int(str((await state(client, batch_id))["pending"]))
        assert 0 < answered < 100
        headers = {"Accept-Encoding": coding}
        path = f"/v1/batches/{batch_id}/results?format={format}"
        async with client.get(path, headers=headers) as response:
            assert response.headers["Content-Encoding"] == coding
            # What is answered comes at once, though the batch does not go on.
            begun = b""
            while begun.count(b"0628") + begun.count(b"+628") < answered:
                begun += await asyncio.wait_for(response.content.readany(), PATIENCE_S)
            assert (await act(client, batch_id, "resume", max_cost="10"))[0] == 200
            whole = begun + await response.read()
        assert whole == await results(client, batch_id, format=format)
        assert (await state(client, batch_id))["status"] == "success"


def whole_rows(part: bytes, format: str) -> tuple[bytes, int]:
    """What is left of a download that broke off without its last row, and how many rows that are."""
    if format == "ndjson":
        whole = part[: part.rindex(b"\n") + 1]
        return whole, whole.count(b"\n")
    # A row ends where the quotes before it come in pairs.
    end = next(
        at for at in range(len(part), 0, -1) if part[at - 1 : at] == b"\n" and not part.count(b'"', 0, at) % 2
    )
    rows = list(csv.reader(io.StringIO(part[:end].decode(), newline="")))
    return part[:end], len(rows) - 1


@pytest.mark.parametrize("format", ["ndjson", "csv"])
async def test_a_download_that_broke_off_goes_on(raw: aiohttp.ClientSession, format: str) -> None:
    batch_id = await posted(raw, PEOPLE, "text/csv")
    whole = await results(raw, batch_id, format=format)
    async with raw.get(f"/v1/batches/{batch_id}/results", params={"format": format}) as response:
        assert response.headers["Accept-Ranges"] == "none"
        begun = await response.content.readexactly(len(whole) // 2)
        response.close()
    begun, rows = whole_rows(begun, format)
    rest = await results(raw, batch_id, format=format, offset=str(rows))
    assert begun + rest == whole
    assert 0 < rows < ROWS


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
async def test_a_batch_that_is_deleted_ends_what_follows_it(paying: Processes, coding: str) -> None:
    service = paying.serve(VALIDATOR_SEGMENT_ROWS_UPSTREAM="10")
    headers = {"Accept-Encoding": coding}
    async with aiohttp.ClientSession(service.url, headers=headers) as client:
        batch_id = await posted(client, people(numbers(100)), "text/csv", type="analysis", max_cost="0.06")
        shown = await reached(client, batch_id, "paused")
        answered = 100 - int(str(shown["pending"]))
        paths = [f"/v1/batches/{batch_id}/results?{query}" for query in FOLLOWED]
        paths.append(f"/v1/validation/{batch_id}")
        ndjson = {"Accept": "application/x-ndjson"}
        following = [await client.get(path, headers=ndjson) for path in paths]
        async with client.get(f"/v1/batches/{batch_id}/events") as events:
            assert b"progress" in await events.content.readany()
            async with client.delete(f"/v1/batches/{batch_id}") as response:
                assert response.status == 204
            await asyncio.wait_for(events.read(), PATIENCE_S)
        for path, response in zip(paths, following, strict=True):
            assert response.status == 200
            body = await asyncio.wait_for(response.read(), PATIENCE_S)
            rows = answered if "only" not in path and "offset" not in path else 0
            assert body.count(b"\n") >= rows, path
    assert not [line for line in service.log if b"unexpected_error" in line or b"broke_off" in line]
