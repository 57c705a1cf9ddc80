"""JSON arrays, numbers on one line, and sheets of workbooks, at every entrance."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from backports import zstd

from tests.batches.asking import posted, records, refused, results
from tests.batches.test_bad_files import row, workbook_of
from tests.field_cases import rows_of
from tests.test_check import check
from tests.test_check import records as records_of
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.json_array import is_json_array
from validator_svc.formats.layout import Hints

A, B, C = "+447400123456", "+6281234567000", "+12015550123"


def numbers_of(data: bytes, hints: Hints = Hints()) -> list[str | None]:  # noqa: B008
    return [number for block in open_numbers(io.BytesIO(data), hints).row_blocks() for number in block.texts]


@pytest.mark.parametrize(
    ("text", "is_array"),
    [
        ("[]", True),
        (" [ ] \n", True),
        ('["a"', True),
        ("[{", True),
        ("[[1]]", True),
        ("[null", True),
        ("[null,", True),
        ("[true]", True),
        ("[447400123456,", True),
        ("[447400123456\n,", True),
        ("[-1.5e3]", True),
        ("[44]\n", True),
        ("[\n\n", True),
        ("\ufeff[1,2]", True),
        ("[44] 7400 123456\n", False),
        ("[+44] 7400 123456\n", False),
        ("[x] 7400 123456\n", False),
        ("[] 7400 123456\n", False),
        ("[nullify", False),
        ("(44)", False),
        ("", False),
    ],
)
def test_what_is_a_json_array(text: str, is_array: bool) -> None:
    assert is_json_array(text) is is_array


ARRAYS: list[list[object]] = [
    [A, B],
    [None, A],
    [A, None],
    [447400123456, 6281234567000],
    [{"phone_number": A}, B],
    [{"Name": "Anna", "mobile": A}, {"Name": "Budi", "mobile": B}],
    [True, A],
    [1.5, A],
]


@pytest.mark.parametrize("array", ARRAYS, ids=str)
@pytest.mark.parametrize("indent", [None, 2])
async def test_an_array_has_a_record_for_each_element(
    client: aiohttp.ClientSession, tmp_path: Path, array: list[object], indent: int | None
) -> None:
    data = json.dumps(array, indent=indent).encode()
    expected = [str(found) if found is not None else "" for found in map(number_in, array)]
    batch_id = await posted(client, data, "application/json")
    assert [record["phone_number"] for record in await records(client, batch_id)] == expected
    for name in ("a.json", "a.txt", "a"):
        (tmp_path / name).write_bytes(data)
        done = check(tmp_path / name, "--type", "format")
        assert [record["phone_number"] for record in records_of(done.stdout)] == expected


def number_in(value: object) -> object:
    """The number of an element; None where it has none."""
    if isinstance(value, dict):
        return value.get("phone_number", value.get("mobile"))
    return None if value is True else value


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_array_in_other_encodings(encoding: str) -> None:
    assert numbers_of(f'["{A}", "{B}"]'.encode(encoding)) == [A, B]
    assert numbers_of(f'\ufeff[\n"{A}", "{B}"]'.encode(encoding)) == [A, B]


async def test_an_array_sent_as_csv_is_one_all_the_same(client: aiohttp.ClientSession) -> None:
    batch_id = await posted(client, f'["{A}", "{B}"]'.encode(), "text/csv", name="list.csv")
    assert len(await records(client, batch_id)) == 2


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (f"{A},{B},{C}", 3),
        (f"{A}, {B}, {C},\n", 3),
        (f"{A};{B}\r\n", 2),
        (f"{A} | {B}", 2),
        (f"{A}\t{B}\n\n", 2),
        (f"{A} {B} {C}\n", 3),
        ("447400123456,6281234567000", 2),
        ('"+447400123456","+6281234567000"', 2),
        (",".join([A] * 20_000), 20_000),
        ("+44 7400 123456, +62 812-3456-7000", 2),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_numbers_on_one_line_are_a_record_each(
    client: aiohttp.ClientSession, line: str, count: int
) -> None:
    for name in ("", "list.txt", "list.csv"):
        batch_id = await posted(client, line.encode(), "application/octet-stream", name=name)
        found = await records(client, batch_id)
        assert (len(found), all(record["is_valid"] for record in found)) == (count, True)
    assert len(records_of(check("-", "--type", "format", stdin=line.encode()).stdout)) == count
    assert len(rows_of(await results(client, batch_id, format="csv"))) == count


@pytest.mark.parametrize(
    "line",
    [
        f"Anna,{A}",
        f"1,{A}",
        f"{A},20261101",
        f"{A}",
        "+44 7400 123456",
        "030 123456 / 030 123457",
        f"{A},",
        "100000001,100000002,100000003",
        f"{A}, ext. 5",
    ],
)
def test_one_row_is_no_list(line: str) -> None:
    assert len(numbers_of(line.encode())) == 1


PEOPLE = row("Name", "Phone") + row("Anna", A) + row("Budi", B)
STATES = row("Status") + row("New") + row("Old")
CODES = row("Code") + row(1) + row(2)


@pytest.mark.parametrize(
    ("sheets", "sheet", "taken"),
    [
        ([("Lists", STATES, "hidden"), ("Contacts", PEOPLE, "")], None, 2),
        ([("Lists", STATES, "veryHidden"), ("Contacts", PEOPLE, "")], None, 2),
        ([("Old", PEOPLE, "hidden"), ("Contacts", PEOPLE + row("C", C), "")], None, 3),
        ([("About", STATES, ""), ("Contacts", PEOPLE, "")], None, 2),
        ([("About", STATES, ""), ("Codes", CODES, ""), ("Contacts", PEOPLE, "")], None, 2),
        ([("Empty", "", ""), ("Contacts", PEOPLE, "")], None, 2),
        ([("A", PEOPLE, ""), ("B", PEOPLE + row("C", C), "")], None, 2),
        ([("A", PEOPLE, ""), ("B", PEOPLE + row("C", C), "")], "B", 3),
        ([("A", PEOPLE, ""), ("B", PEOPLE + row("C", C), "")], " b ", 3),
        ([("A", PEOPLE, ""), ("Été", PEOPLE + row("C", C), "hidden")], "Été", 3),
    ],
)
async def test_a_sheet_is_chosen(
    client: aiohttp.ClientSession,
    tmp_path: Path,
    sheets: list[tuple[str, str, str]],
    sheet: str | None,
    taken: int,
) -> None:
    book = workbook_of(*sheets)
    batch_id = await posted(client, book, "application/octet-stream", **({"sheet": sheet} if sheet else {}))
    found = await records(client, batch_id)
    assert [record["is_valid"] for record in found] == [True] * taken
    if sheet is None:
        (tmp_path / "book.xlsx").write_bytes(book)
        done = check(tmp_path / "book.xlsx", "--type", "format")
        assert len(records_of(done.stdout)) == taken


async def test_a_sheet_that_is_not_there_is_named_with_those_that_are(client: aiohttp.ClientSession) -> None:
    book = workbook_of(("A", PEOPLE, ""), ("Old", PEOPLE, "hidden"))
    status, _, message = await refused(client, book, "application/octet-stream", sheet="B")
    assert (status, "sheet: there is no sheet 'B'; the sheets are 'A', 'Old'; sheet=NAME " in message) == (
        422,
        True,
    )
    status, _, message = await refused(client, f"phone\n{A}\n".encode(), "text/csv", sheet="B")
    assert (status, "sheet: there is no sheet 'B'; the file is no XLSX workbook" in message) == (422, True)


async def test_a_workbook_of_hidden_sheets_says_how_to_read_one(client: aiohttp.ClientSession) -> None:
    book = workbook_of(("Empty", "", ""), ("Old", PEOPLE, "hidden"))
    _, _, message = await refused(client, book, "application/octet-stream")
    assert "hidden sheets are read when named by sheet=" in message


@pytest.mark.parametrize("packed", [gzip.compress, zstd.compress])
@pytest.mark.parametrize(
    "data", [f"phone,x\n{A},1\n".encode(), f'["{A}"]'.encode(), workbook_of(("A", PEOPLE, ""))]
)
def test_a_check_unpacks_too(tmp_path: Path, packed: Callable[[bytes], bytes], data: bytes) -> None:
    (tmp_path / "people.csv.gz").write_bytes(packed(data))
    assert A in {record["phone_number"] for record in records_of(check(tmp_path / "people.csv.gz").stdout)}
