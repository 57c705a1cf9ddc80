"""`POST /v1/batches` of real files that people had trouble with."""

import aiohttp
import pytest

from tests.batches.asking import posted, records, refused, results
from tests.field_cases import CASES, REFUSED, contents, rows_of


@pytest.mark.parametrize("name", CASES)
async def test_the_numbers_are_found(client: aiohttp.ClientSession, name: str) -> None:
    case = CASES[name]
    country = {"country": case.country} if case.country else {}
    batch_id = await posted(client, contents(name), "application/octet-stream", name=name, **country)
    found = await records(client, batch_id)
    assert [record["phone_number"] for record in found] == case.numbers
    assert [record["is_valid"] for record in found] == [bool(number) for number in case.numbers]
    rows = rows_of(await results(client, batch_id, format="csv"))
    assert list(rows[0])[: len(case.columns)] == case.columns
    assert [row["phone_number"] for row in rows] == case.numbers


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_read_is_refused_by_name(client: aiohttp.ClientSession, name: str) -> None:
    status, code, message = await refused(client, contents(name), "application/octet-stream", name=name)
    assert (status, code) == (422, "unreadable_file")
    assert REFUSED[name] in message


@pytest.mark.parametrize("column", [{}, {"column": "3"}])
@pytest.mark.parametrize("first", ["1,,+6281234567000", ",,+6281234567000", "Anna,Mobile,+6281234567000"])
async def test_a_first_row_of_data_is_a_record(
    client: aiohttp.ClientSession, first: str, column: dict[str, str]
) -> None:
    batch_id = await posted(client, f"{first}\n3,x,+6281234567001\n".encode(), "text/csv", **column)
    found = await records(client, batch_id)
    assert [record["phone_number"] for record in found] == ["+6281234567000", "+6281234567001"]


async def test_a_files_own_letters_come_back(client: aiohttp.ClientSession) -> None:
    for name, names in (
        ("pl_cp1250.csv", {"Łukasz", "Żaneta"}),
        ("big_cz_cp1250.csv", {"Jiří Kučera", "Ondřej Růžička", "Eliška Černý"}),
    ):
        batch_id = await posted(client, contents(name), "text/csv")
        rows = rows_of(await results(client, batch_id, format="csv"))
        assert names <= {next(iter(row.values())) for row in rows}
