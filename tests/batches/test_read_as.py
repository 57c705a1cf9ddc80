"""How a file was read is said by estimate and batch; results keep its delimiter, charsets are obeyed."""

import gzip

import aiohttp
import pytest

from tests.batches.asking import posted, reached, results
from tests.batches.test_bad_files import row, workbook_of

NUMBER = "+447400123456"
BOOK = workbook_of(("About", row("x"), ""), ("People", row("name", "phone") + row("Ann", NUMBER), ""))

NOTHING = dict.fromkeys(("format", "encoding", "delimiter", "header", "column", "sheet", "country"))

CASES: list[tuple[bytes, dict[str, str], dict[str, object]]] = [
    (
        f"name;Phone\nAnn;{NUMBER}\n".encode(),
        {},
        {"format": "csv", "encoding": "utf-8", "delimiter": ";", "header": True, "column": "Phone"},
    ),
    (
        f"sep=,\n\nAnn,{NUMBER}\nBob,{NUMBER}\n".encode("utf-8-sig"),
        {"country": "GB"},
        {
            "format": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "header": False,
            "column": "2",
            "country": "GB",
        },
    ),
    (
        f"land\tphone\nGB\t{NUMBER}\n".encode("utf-16"),
        {"country": "column:land"},
        {
            "format": "csv",
            "encoding": "utf-16",
            "delimiter": "\t",
            "header": True,
            "column": "phone",
            "country": "column:land",
        },
    ),
    (f"{NUMBER}\n".encode(), {}, {"format": "text", "encoding": "utf-8"}),
    (f"{NUMBER}; {NUMBER}\n".encode(), {}, {"format": "text", "encoding": "utf-8", "delimiter": ";"}),
    (f'["{NUMBER}"]'.encode(), {}, {"format": "json", "encoding": "utf-8"}),
    (f'[{{"tel": "{NUMBER}"}}]'.encode(), {}, {"format": "json", "encoding": "utf-8", "column": "tel"}),
    (f'{{"tel": "{NUMBER}"}}\n'.encode(), {}, {"format": "ndjson", "encoding": "utf-8", "column": "tel"}),
    (BOOK, {}, {"format": "xlsx", "header": True, "column": "phone", "sheet": "People"}),
    (
        gzip.compress(f"name,phone\nJosé,{NUMBER}\n".encode("cp1252"), mtime=0),
        {},
        {"format": "csv", "encoding": "cp1252", "delimiter": ",", "header": True, "column": "phone"},
    ),
]


@pytest.mark.parametrize(("data", "params", "said"), CASES)
async def test_it_is_said_by_estimate_and_batch(
    client: aiohttp.ClientSession, data: bytes, params: dict[str, str], said: dict[str, object]
) -> None:
    query, headers = {"type": "format"} | params, {"Content-Type": "application/octet-stream"}
    async with client.post("/v1/estimate", params=query, data=data, headers=headers) as response:
        assert (await response.json())["read_as"] == NOTHING | said
    batch_id = await posted(client, data, "application/octet-stream", **params)
    ended = await reached(client, batch_id, "success")
    assert ended["read_as"] == NOTHING | said


TSV = f"name\tphone\r\nAnn, B\t{NUMBER}\r\n".encode()


@pytest.mark.parametrize(
    "params", [{"format": "csv"}, {"dialect": "excel"}, {"format": "csv", "only": "valid"}]
)
async def test_results_of_a_tab_separated_file_say_so(
    client: aiohttp.ClientSession, params: dict[str, str]
) -> None:
    batch_id = await posted(client, TSV, "text/plain")
    async with client.get(f"/v1/batches/{batch_id}/results", params=params) as response:
        assert response.headers["Content-Type"] == "text/tab-separated-values; charset=utf-8"
        assert response.headers["Content-Disposition"].endswith(".tsv")
        assert (await response.read()).decode("utf-8-sig").startswith("name\tphone\tphone_number\t")


@pytest.mark.parametrize("accept", ["text/tab-separated-values", "text/csv"])
async def test_tab_separated_results_may_be_asked_for(client: aiohttp.ClientSession, accept: str) -> None:
    batch_id = await posted(client, TSV, "text/plain")
    async with client.get(f"/v1/batches/{batch_id}/results", headers={"Accept": accept}) as response:
        assert response.content_type == "text/tab-separated-values"
    batch_id = await posted(client, TSV.replace(b"\t", b";"), "text/plain")
    async with client.get(f"/v1/batches/{batch_id}/results", headers={"Accept": accept}) as response:
        assert response.content_type == "text/csv"


CZECH = "Jméno;Telefon\nŽluťoučký kůň;+420601123456\n"


@pytest.mark.parametrize(
    ("encoding", "content_type", "text"),
    [
        ("cp1250", "text/csv; charset=windows-1250", CZECH),
        ("iso8859-2", "text/csv; charset=ISO-8859-2", CZECH),
        ("iso8859-2", 'text/plain; charset="iso-8859-2"', CZECH),
        ("cp1252", "text/csv; charset=ISO-8859-1", "Name;Telefon\nŽoë €;+420601123456\n"),
        ("utf-8", "text/csv; charset=us-ascii", CZECH),
        ("utf-8-sig", "text/csv; charset=windows-1250", CZECH),
        ("utf-16", "text/csv; charset=utf-8", CZECH),
        ("cp1250", "text/csv; charset=cp1250", CZECH),
        ("shift_jis", "text/csv; charset=Shift_JIS", "名前;電話\n山;+420601123456\n"),
        ("cp866", "text/csv; charset=ibm866", "Имя;Телефон\nИван;+420601123456\n"),
        ("utf-8", "application/octet-stream; charset=binary", CZECH),
    ],
)
async def test_a_charset_is_obeyed(
    client: aiohttp.ClientSession, encoding: str, content_type: str, text: str
) -> None:
    first = text.splitlines()[1]
    batch_id = await posted(client, text.encode(encoding), content_type)
    assert first in (await results(client, batch_id, format="csv")).decode()
    form = aiohttp.FormData({"type": "format"})
    form.add_field("file", text.encode(encoding), filename="f.csv", content_type=content_type)
    async with client.post("/v1/batches", data=form) as response:
        assert response.status == 201, await response.text()
        batch_id = (await response.json())["request_uuid"]
    assert first in (await results(client, batch_id, format="csv")).decode()


async def test_an_encoding_goes_before_a_charset(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, CZECH.encode("cp1250"), "text/csv; charset=utf-8", encoding="cp1250")
    assert "Žluťoučký" in (await results(client, batch_id, format="csv")).decode()


async def test_a_charset_that_there_is_not_is_named(client: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "text/csv; charset=klingon"}
    async with client.post("/v1/batches?type=format", data=b"1\n", headers=headers) as response:
        assert response.status == 415
        assert "charset" in (await response.json())["message"]
