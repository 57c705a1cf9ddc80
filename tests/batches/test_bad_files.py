"""Files that cannot be read, or only with care: refused with line and reason, or their rows marked."""

import gzip
import io
import zipfile
from collections.abc import AsyncIterator

import aiohttp
import pytest
from backports import zstd

from tests.batches.asking import posted, records, refused, results
from tests.batches.processes import Processes

XLSX_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows: str, **more: bytes) -> bytes:
    """A minimal XLSX whose sheet has these rows in XML."""
    return workbook_of(("People", rows, ""), **more)


def workbook_of(*sheets: tuple[str, str, str], **more: bytes) -> bytes:
    """A minimal XLSX of sheets: name, rows in XML, and `hidden` or `veryHidden` for one that is."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}" state="{state or "visible"}"/>'
        for at, (name, _, state) in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", XLSX_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Target="xl/workbook.xml" '
            f'Type="{RELATIONS}/officeDocument"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
        )
        for at, (_, rows, _) in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{at}.xml",
                f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>',
            )
        for name, data in more.items():
            archive.writestr(name, data)
    return file.getvalue()


def row(*cells: str | float) -> str:
    """A row of a sheet: strings as text, numbers as numbers."""
    return "<row>" + "".join(map(cell, cells)) + "</row>"


def cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


PEOPLE = workbook(row("name", "phone") + row("Ann", 6281234567000.0) + row("Bob", "+14155552671"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"name,phone\n", "line 1: the file is only a header"),
        (b"name,city\nAnn,Rome\nBob,Oslo\n", "line 1: no phone column found"),
        (b"\x00\x01\x02\xff" * 500, "binary data"),
        (b"%PDF-1.7 and so on", "PDF"),
        (b'name,phone\nAnn,"+6281234567000\n' + b"x,y\n" * 50, "line 2"),
        (b'["+6281234567000", "+14155552671"', "does not end"),
        (gzip.compress(b"+6281234567000\n" * 100, mtime=0)[:-20], "corrupt or cut short"),
        (zstd.compress(b"+6281234567000\n" * 100)[:-3], "corrupt or cut short"),
        (PEOPLE[:-100], "no XLSX workbook"),
        (workbook(""), "no rows"),
        (b"PK\x03\x04 not at all", "no XLSX workbook"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_reason(
    client: aiohttp.ClientSession, body: bytes, says: str
) -> None:
    status, code, message = await refused(client, body)
    assert (status, code) == (422, "unreadable_file")
    assert says in message
    assert "6281234567000" not in message


async def test_a_named_column_that_is_not_there(client: aiohttp.ClientSession) -> None:
    body = b"name,phone\nAnn,+6281234567000\n"
    status, _, message = await refused(client, body, column="mobile")
    assert (status, "there is no column 'mobile'" in message) == (422, True)
    status, _, message = await refused(client, body, country="column:land")
    assert (status, "there is no column 'land'" in message) == (422, True)


async def test_ragged_rows_and_old_encodings_keep_their_cells(client: aiohttp.ClientSession) -> None:
    body = b"name,phone,note\nAnn,+6281234567000\nB\xe9a,+14155552671,x,y\nJo\n\n"
    batch_id = await posted(client, body, "text/csv")
    assert [r["reason"] for r in await records(client, batch_id)] == [None, None, "empty", "empty"]
    lines = (await results(client, batch_id, format="csv")).split(b"\n")
    assert lines[1].startswith(b"Ann,+6281234567000,,")
    assert lines[2].startswith("Béa,+14155552671,x,".encode())
    assert lines[2].endswith(b",y")
    assert lines[3].startswith(b"Jo,,,")


async def test_a_workbook_is_read_as_it_shows(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, PEOPLE, "application/octet-stream", name="people.xlsx", column="phone")
    assert [r["e164_format"] for r in await records(client, batch_id)] == [
        "+6281234567000",
        "+14155552671",
    ]
    assert b"Ann,6281234567000," in await results(client, batch_id, format="csv")


async def test_macros_of_a_workbook_are_no_matter(client: aiohttp.ClientSession) -> None:
    book = workbook(row("phone") + row("+14155552671"), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    batch_id = await posted(client, book, "application/octet-stream")
    assert len(await records(client, batch_id)) == 1


async def test_bombs_and_endless_lines_are_refused_within_bounds(group: Processes) -> None:
    service = group.serve(VALIDATOR_UPLOAD_MAX=str(4 * 2**20))
    before_kb = service.highest_kb()
    many_rows = workbook("<row></row>" * 1_000_000 + row("phone") + row("+14155552671"))
    async with aiohttp.ClientSession(service.url) as client:
        status, _, message = await refused(client, endless(200 * 2**20))
        assert (status, "characters long" in message) == (422, True)
        status, _, message = await refused(client, zstd.compress(bytes(200 * 2**20)))
        assert status == 422
        status, _, message = await refused(client, gzip.compress(b"7\n" * (3 * 2**20), 1))
        assert (status, "at most" in message) == (413, True)
        status, _, message = await refused(client, workbook("", bomb=bytes(300 * 2**20)))
        assert (status, "expands to over" in message) == (422, True)
        assert len(await records(client, await posted(client, many_rows, "application/octet-stream"))) > 0
    assert service.highest_kb() < before_kb + 150_000


async def test_long_rows_are_held_in_small_segments(group: Processes) -> None:
    service = group.serve()
    before_kb = service.highest_kb()
    row = b"+6281234567000," + b"x" * 100_000 + b"\n"

    async def sent(*beginning: bytes) -> AsyncIterator[bytes]:
        for piece in (b"phone,note\n", *beginning, *[row] * 1_500):
            yield piece

    async with aiohttp.ClientSession(service.url) as client:
        status, _, message = await refused(client, sent(b"+6281234567000,x\n" * 19_999))
        assert (status, "far longer than those in the first 256 kB" in message) == (422, True)
        batch_id = await posted(client, sent(), "text/csv")
        async with client.get(f"/v1/batches/{batch_id}/results?format=csv") as response:
            assert sum([line.startswith(row[:-1]) async for line in lines_of(response)]) == 1_500
    assert service.highest_kb() < before_kb + 250_000


async def lines_of(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The lines of a body, however long."""
    rest = b""
    async for piece in response.content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line


async def endless(size: int) -> AsyncIterator[bytes]:
    """One line that goes on and on."""
    for _ in range(size // 2**20):
        yield b"7" * 2**20


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("type=all", "type"),
        ("", "type"),
        ("type=format&country=ZZ", "country"),
        ("type=format&max_cost=much", "max_cost"),
        ("type=format&max_age=-1", "max_age"),
        ("type=format&webhook_url=ftp://x", "webhook_url"),
        ("type=format&header=perhaps", "header"),
    ],
)
async def test_wrong_parameters_are_named(client: aiohttp.ClientSession, query: str, name: str) -> None:
    async with client.post(
        f"/v1/batches?{query}", data=b"1\n", headers={"Content-Type": "text/csv"}
    ) as response:
        assert response.status == 400
        assert (await response.json())["message"].startswith(name)


async def test_unknown_types_and_encodings_are_refused(client: aiohttp.ClientSession) -> None:
    assert (await refused(client, b"x", "image/png"))[0] == 415
    headers = {"Content-Encoding": "br", "Content-Type": "text/csv"}
    async with client.post("/v1/batches?type=format", data=b"x", headers=headers) as response:
        assert response.status == 415
