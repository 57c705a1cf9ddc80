"""Batches, told by examples: send a file, watch it, fetch its results."""

import csv
import gzip
import io

import aiohttp
import pytest
from backports import zstd

from tests.batches.asking import act, posted, reached, records, results, state

NUMBERS = ["+6281234567000", "not a number", "+14155552671", ""]
AS_TEXT = "".join(f"{number}\n" for number in NUMBERS).encode()

CSV = (
    "name,phone,note\r\n"
    '"Ann, ""the first""",+6281234567000,"two\nlines"\r\n'
    "Béa,0812,\r\n"
    "=1+1,+14155552671,short\r\n"
).encode()


async def test_a_file_is_taken_worked_and_answered_in_order(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, AS_TEXT, name="mine")
    assert [record["phone_number"] for record in await records(client, batch_id)] == NUMBERS
    shown = await reached(client, batch_id, "success")
    assert shown["request_uuid"] == shown["request_id"] == batch_id
    assert (shown["count"], shown["pending"], shown["valid"], shown["invalid"]) == (4, 0, 2, 2)
    assert (shown["name"], shown["type"], shown["cost"], shown["eta_s"]) == ("mine", "format", "0", 0)
    assert shown["summary"] == {
        "reason": {"empty": 1, "not_a_number": 1},
        "country": {"ID": 1, "US": 1},
        "type": {},
        "carrier": {},
    }
    assert str(shown["created_at"]).endswith("Z")


async def test_a_batch_is_listed(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, AS_TEXT)
    async with client.get("/v1/batches", params={"per_page": "1"}) as response:
        listing = await response.json()
    assert listing["items"][0]["request_uuid"] == batch_id
    assert listing["pagination"]["per_page"] == listing["pagination"]["current_page"] == 1
    assert listing["pagination"]["total"] == listing["pagination"]["total_pages"] >= 1


async def test_csv_results_keep_the_files_own_columns(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, CSV, "text/csv")
    text = (await results(client, batch_id, format="csv")).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    own = list(csv.reader(io.StringIO(CSV.decode(), newline="")))
    assert [row[:3] for row in rows] == own
    assert rows[0][3:] == [
        "phone_number",
        "is_valid",
        "country_code",
        "e164_format",
        "national_format",
        "cost",
        "error_code",
        "source",
        "reason",
    ]
    assert [row[4] for row in rows[1:]] == ["true", "false", "true"]


async def test_the_dialect_for_spreadsheets_guards_cells(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, CSV, "text/csv")
    text = (await results(client, batch_id, dialect="excel", only="valid")).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert text.startswith("\ufeff")
    assert [row[:2] for row in rows[1:]] == [
        ['Ann, "the first"', '="+6281234567000"'],
        ["'=1+1", '="+14155552671"'],
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
async def test_compressed_files_are_read_as_what_is_in_them(
    client: aiohttp.ClientSession, pack: object
) -> None:
    batch_id = await posted(client, pack(CSV), "application/octet-stream", name="people.csv.packed")  # type: ignore[operator]
    assert len(await records(client, batch_id)) == 3


@pytest.mark.parametrize(
    "body",
    [
        b'["+6281234567000", "not a number",\n "+14155552671", ""]',
        b'"+6281234567000"\n{"phone_number": "not a number", "x": 1}\n"+14155552671"\n\n',
    ],
)
async def test_json_is_read_in_both_its_forms(client: aiohttp.ClientSession, body: bytes) -> None:
    batch_id = await posted(client, body, "application/json")
    assert [record["phone_number"] for record in await records(client, batch_id)] == NUMBERS


async def test_a_form_carries_a_file_and_its_parameters(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("type", "format")
    form.add_field("country", "column:land")
    form.add_field("file", b"tel;land\n0812 3456 7000;Indonesia\n0151 23456789;49\n", filename="people.csv")
    async with client.post("/v1/batches", data=form) as response:
        assert response.status == 201, await response.text()
        batch_id = (await response.json())["request_uuid"]
    assert [record["country_code"] for record in await records(client, batch_id)] == ["ID", "DE"]
    assert (await state(client, batch_id))["name"] == "people.csv"


async def test_results_go_on_where_a_download_broke_off(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, AS_TEXT)
    assert [r["phone_number"] for r in await records(client, batch_id, offset="2")] == NUMBERS[2:]
    assert [r["phone_number"] for r in await records(client, batch_id, only="invalid", offset="1")] == [""]
    whole = await results(client, batch_id, format="csv")
    rest = await results(client, batch_id, format="csv", offset="3")
    assert whole.endswith(rest)
    assert rest.count(b"\n") == 1


async def test_the_same_idempotency_key_is_the_same_batch(client: aiohttp.ClientSession) -> None:
    headers = {"Idempotency-Key": "once", "Content-Type": "text/plain"}
    ids = []
    for _ in range(2):
        async with client.post(
            "/v1/batches?type=format&force=true", data=AS_TEXT, headers=headers
        ) as response:
            assert response.status == 201
            ids.append((await response.json())["request_uuid"])
    assert ids[0] == ids[1]
    async with client.post("/v1/batches?type=analysis", data=AS_TEXT, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (422, "idempotency_key_reused")


async def test_a_deleted_batch_is_gone(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, AS_TEXT)
    async with client.delete(f"/v1/batches/{batch_id}") as response:
        assert response.status == 204
    for path in ("", "/results"):
        async with client.get(f"/v1/batches/{batch_id}{path}") as response:
            assert (response.status, (await response.json())["code"]) == (404, "unknown_batch")


async def test_what_has_ended_can_be_neither_canceled_nor_resumed(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, AS_TEXT)
    await reached(client, batch_id, "success")
    for action in ("cancel", "resume"):
        status, answer = await act(client, batch_id, action)
        assert (status, answer["code"]) == (409, "wrong_state")
    # Nothing failed, so nothing is to be done again.
    assert (await act(client, batch_id, "retry"))[1]["status"] == "success"
