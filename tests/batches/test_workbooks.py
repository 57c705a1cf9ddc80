"""Results of batches as XLSX workbooks."""

import aiohttp
import pytest

from tests.batches.asking import act, posted, reached, results
from tests.batches.processes import Processes
from tests.formats.test_xlsx import rows_in
from validator_svc.formats.output_formats import XLSX

VALID, INVALID = "+6281234567000", "+62812"
ROWS = 2_500
BODY = "name,phone\n" + "".join(f"=Ann{at},{INVALID if at % 5 else f'+62812{at:08}'}\n" for at in range(ROWS))


async def test_a_batch_comes_as_a_workbook(group: Processes) -> None:
    service = group.serve(VALIDATOR_SEGMENT_ROWS="1000")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, BODY.encode(), "text/csv", type="format")
        await reached(client, batch_id, "success")
        path = f"/v1/batches/{batch_id}/results"
        async with client.get(path, headers={"Accept": XLSX.media_type}) as response:
            assert response.headers["Content-Type"] == XLSX.media_type
            assert f'filename="{batch_id}.xlsx"' in response.headers["Content-Disposition"]
            assert "Content-Encoding" not in response.headers
            header, *rows = rows_in(await response.read())
        assert header[:3] == ["name", "phone", "phone_number"]
        assert [row[0] for row in rows] == [f"=Ann{at}" for at in range(ROWS)]
        numbers, codes = ([row[header.index(name)] for row in rows] for name in ("e164_format", "error_code"))
        assert numbers == [INVALID if at % 5 else f"+62812{at:08}" for at in range(ROWS)]
        assert codes == ["021" if at % 5 else "000" for at in range(ROWS)]
        book = await results(client, batch_id, format="xlsx", only="valid")
        assert [row[0] for row in rows_in(book)[1:]] == [f"=Ann{at}" for at in range(0, ROWS, 5)]


async def test_numbers_alone_have_only_the_records(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, f"{VALID}\n{INVALID}\n".encode(), type="format")
    await reached(client, batch_id, "success")
    header, *rows = rows_in(await results(client, batch_id, format="xlsx"))
    assert header[0] == "phone_number"
    assert [row[0] for row in rows] == [VALID, INVALID]


async def test_a_workbook_is_refused_until_the_batch_has_ended(group: Processes) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, BODY.encode(), "text/csv", type="format")
        path = f"/v1/batches/{batch_id}/results"
        async with client.get(path, params={"format": "xlsx"}) as response:
            answer = await response.json()
        assert (response.status, answer["code"]) == (409, "wrong_state")
        assert "a batch that has ended for xlsx; csv and ndjson follow it" in answer["message"]
        await act(client, batch_id, "cancel")
        assert len(rows_in(await results(client, batch_id, format="xlsx"))) == 1


@pytest.mark.parametrize(
    ("params", "status", "says"),
    [
        ({"format": "xlsx", "offset": "1"}, 400, "offset: goes with csv and ndjson"),
        ({"format": "xlsx", "dialect": "excel"}, 400, "dialect: excel goes with format csv only"),
        ({"format": "xls"}, 400, "format: expected ndjson, csv or xlsx"),
        ({"format": "xlsx"}, 422, "expected fewer, or another format: csv"),
    ],
)
async def test_what_does_not_go_is_said(
    client: aiohttp.ClientSession, params: dict[str, str], status: int, says: str
) -> None:
    batch_id = await posted(client, f"note,phone\n{'x' * 32_768},{VALID}\n".encode(), "text/csv")
    await reached(client, batch_id, "success")
    async with client.get(f"/v1/batches/{batch_id}/results", params=params) as response:
        assert response.status == status
        assert says in (await response.json())["message"]
