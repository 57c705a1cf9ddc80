"""`validator-svc check` on real files that people had trouble with."""

from pathlib import Path

import pytest

from tests.field_cases import CASES, REFUSED, contents, rows_of
from tests.test_check import check, records


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The file that a test is about."""
    name: str = request.node.callspec.params["name"]
    path = tmp_path / name
    path.write_bytes(contents(name))
    return path


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("with_country", [True, False])
def test_the_numbers_are_found(file: Path, name: str, with_country: bool) -> None:
    case = CASES[name]
    country = ["--country", case.country] if case.country and with_country else []
    found = records(check(file, "--type", "format", *country).stdout)
    assert [record["phone_number"] for record in found] == case.numbers
    if with_country:
        assert [record["is_valid"] for record in found] == [bool(number) for number in case.numbers]


@pytest.mark.parametrize("name", CASES)
def test_the_file_keeps_its_columns(file: Path, name: str) -> None:
    done = check(file, "--type", "format", "--format", "csv")
    rows = rows_of(done.stdout)
    own = CASES[name].columns
    assert list(rows[0])[: len(own)] == own
    assert [row["phone_number"] for row in rows] == CASES[name].numbers


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(file: Path, name: str) -> None:
    done = check(file, status=2)
    assert done.stderr.decode().startswith(f"validator-svc: {file}: {REFUSED[name]}")
    assert not done.stdout


@pytest.mark.parametrize("column", [[], ["--column", "3"]])
@pytest.mark.parametrize("first", ["1,,+6281234567000", ",,+6281234567000", "Anna,Mobile,+6281234567000"])
def test_a_first_row_of_data_is_a_record(tmp_path: Path, first: str, column: list[str]) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"{first}\n3,x,+6281234567001\n")
    found = records(check(path, "--type", "format", *column).stdout)
    assert [record["phone_number"] for record in found] == ["+6281234567000", "+6281234567001"]
