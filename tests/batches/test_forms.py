"""Fields of a form count wherever they stand; what is wrong with one leaves nothing behind."""

from collections.abc import Sequence

import aiohttp
import pytest

from tests.batches.asking import Json, reached, records
from tests.batches.processes import Processes
from tests.http.test_errors import expect

FORM = {"Content-Type": "multipart/form-data; boundary=x"}
ROWS = b"name,tel,fax\nAnn,0812 3456 7000,0812 3456 7001\nBob,+6281234567002,0812 3456 7003\n"


def form(*parts: tuple[str, bytes, str | None], end: bytes = b"--x--\r\n", more: bytes = b"") -> bytes:
    """A form of parts, each its name, content and, for a file, file name; `more` goes into heads of files."""
    body = b""
    for name, content, file_name in parts:
        body += b'--x\r\nContent-Disposition: form-data; name="%b"' % name.encode()
        if file_name is not None:
            body += b'; filename="%b"%b' % (file_name.encode(), more)
        body += b"\r\n\r\n" + content + b"\r\n"
    return body + end


FILE = ("file", ROWS, "people.csv")
FIELDS = [
    ("type", b"validation", None),
    ("country", b"ID", None),
    ("column", b"fax", None),
    ("header", b"true", None),
    ("encoding", b"utf-8", None),
    ("name", b"Spring", None),
    ("max_cost", b"0.01", None),
    ("max_age", b"60", None),
]


@pytest.mark.parametrize("before", [0, 3, len(FIELDS)])
async def test_fields_count_wherever_they_stand(client: aiohttp.ClientSession, before: int) -> None:
    body = form(*FIELDS[:before], FILE, *FIELDS[before:])
    async with client.post("/v1/batches", data=body, headers=FORM) as response:
        assert response.status == 201, await response.text()
        batch_id = (await response.json())["request_uuid"]
    shown = await reached(client, batch_id, "success")
    assert (shown["name"], shown["type"]) == ("Spring", "validation")
    found = await records(client, batch_id)
    assert [each["e164_format"] for each in found] == ["+6281234567001", "+6281234567003"]
    assert "timezone" in found[0]


async def test_the_limit_after_the_file_is_a_limit(paying: Processes) -> None:
    """`curl -F file=@numbers.txt -F max_cost=0.01` pays no more."""
    numbers = b"".join(b"+62812345670%02d\n" % n for n in range(50))
    body = form(("file", numbers, "a.txt"), ("type", b"validation", None), ("max_cost", b"0.01", None))
    service = paying.serve()
    async with aiohttp.ClientSession(service.url) as client:
        async with client.post("/v1/batches", data=body, headers=FORM) as response:
            assert response.status == 201, await response.text()
            batch_id = (await response.json())["request_uuid"]
        shown = await reached(client, batch_id, "paused")
        assert float(str(shown["cost"])) <= 0.01


TYPE = ("type", b"format", None)
REFUSED: list[tuple[Sequence[tuple[str, bytes, str | None]], int, tuple[str, ...]]] = [
    ([TYPE, FILE, ("max_cost", b"much", None)], 400, ("max_cost", "12.50")),
    ([TYPE, FILE, ("maxcost", b"0.01", None)], 400, ("maxcost", "did you mean max_cost?")),
    ([TYPE, FILE, ("country", b"Narnia", None)], 400, ("country",)),
    ([FILE, ("type", b"deep", None)], 400, ("type",)),
    ([FILE], 400, ("type",)),
    ([TYPE, FILE, TYPE], 400, ("type: expected once",)),
    ([TYPE, FILE, ("name", b"\xff", None)], 400, ("name: expected UTF-8",)),
    ([TYPE, FILE, ("name", b"a\0", None)], 400, ("name", "NUL")),
    ([TYPE, FILE, ("name", b"a" * 5_000, None)], 400, ("name", "4096")),
    ([TYPE, FILE, FILE], 400, ("one file",)),
    ([TYPE, FILE, ("upload", b"1\n", "b.csv")], 400, ("one file",)),
    ([TYPE, ("max_cost", b"1\n", "b.csv")], 400, ("max_cost: expected a field",)),
    ([TYPE], 400, ("file",)),
    ([], 400, ("file",)),
    ([TYPE, *[("name", b"", None)] * 50, FILE], 400, ("name: expected once",)),
    ([TYPE, FILE, ("webhook_url", b"https://x", None)], 400, ("webhook_url",)),
    ([TYPE, FILE, ("column", b"mobile", None)], 422, ("mobile",)),
]


@pytest.mark.parametrize(("parts", "status", "words"), REFUSED)
async def test_what_is_wrong_leaves_nothing(
    group: Processes,
    parts: Sequence[tuple[str, bytes, str | None]],
    status: int,
    words: tuple[str, ...],
) -> None:
    service = group.serve()
    async with aiohttp.ClientSession(service.url) as client:
        async with client.post("/v1/batches", data=form(*parts), headers=FORM) as response:
            await expect(response, status, *words)
        async with client.get("/v1/batches") as response:
            assert (await response.json())["items"] == []
    assert not [path for path in group.data_dir.rglob("batches/*/rows/*") if path.is_file()]


BROKEN = [
    form(TYPE, FILE, end=b""),
    form(TYPE, end=b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n1\n2'),
    form(TYPE, end=b"--x\r\nContent-Disp"),
    b"no form",
    b"",
    b"--x\r\n\r\n",
    b"--x--\r\n",
    b"--x\r\nno header\r\n\r\n1\r\n--x--\r\n",
    form(("_charset_", b"hex" * 20, None), TYPE, FILE),
    form(TYPE, FILE, more=b"\r\nContent-Type: multipart/mixed; boundary=y"),
    form(TYPE, FILE, more=b"\r\nX: y" * 500),
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
async def test_forms_that_are_none(client: aiohttp.ClientSession, body: bytes) -> None:
    async with client.post("/v1/batches", data=body, headers=FORM) as response:
        await expect(response, 400)


@pytest.mark.parametrize(
    "boundary", ["", "; boundary=", '; boundary="', "; boundary=" + "x" * 100, "; boundary=é"]
)
async def test_boundaries_that_are_none(client: aiohttp.ClientSession, boundary: str) -> None:
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    async with client.post("/v1/batches?type=format", data=form(FILE), headers=headers) as response:
        await expect(response, 400)


async def test_parts_in_base64_are_refused(client: aiohttp.ClientSession) -> None:
    body = form(FILE, more=b"\r\nContent-Transfer-Encoding: base64")
    async with client.post("/v1/batches?type=format", data=body, headers=FORM) as response:
        await expect(response, 415, "Content-Transfer-Encoding")


async def test_an_estimate_takes_the_same_form(client: aiohttp.ClientSession) -> None:
    body = form(FILE, ("column", b"tel", None), ("type", b"format", None), ("country", b"ID", None))
    async with client.post("/v1/estimate", data=body, headers=FORM) as response:
        shown: Json = await response.json()
    assert (response.status, shown["count"], shown["valid"]) == (200, 2, 2)
