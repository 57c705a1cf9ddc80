"""Real files that people had trouble with, dropped into a folder."""

import pytest

from tests.batches.test_bad_files import row, workbook_of
from tests.dropbox.dropping import DropFolder
from tests.field_cases import CASES, REFUSED, contents, rows_of


@pytest.mark.parametrize("name", CASES)
async def test_the_numbers_are_found(watched: DropFolder, name: str) -> None:
    case = CASES[name]
    options = 'type = "format"\nformat = "csv"\n' + (f'country = "{case.country}"\n' if case.country else "")
    (watched.inbox / f"{name}.toml").write_text(options)
    watched.drop(name, contents(name))
    assert (await watched.report(name))["count"] == len(case.numbers)
    rows = rows_of((watched.outbox / f"{name}.results.csv").read_bytes())
    assert list(rows[0])[: len(case.columns)] == case.columns
    assert [row["is_valid"] for row in rows] == ["true" if number else "false" for number in case.numbers]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_read_is_refused_by_name(watched: DropFolder, name: str) -> None:
    watched.drop(name, contents(name))
    assert REFUSED[name] in await watched.error(name)


async def test_a_sheet_is_named_in_the_sidecar(watched: DropFolder) -> None:
    book = workbook_of(("A", row("phone") + row("+447400123456"), ""), ("B", row("phone") + row("x"), ""))
    (watched.inbox / "book.xlsx.toml").write_text('sheet = "B"\n')
    watched.drop("book.xlsx", book)
    assert (await watched.report("book.xlsx"))["valid"] == 0
    (watched.inbox / "wrong.xlsx.toml").write_text('sheet = "C"\n')
    watched.drop("wrong.xlsx", book)
    assert "there is no sheet 'C'; the sheets are 'A', 'B'" in await watched.error("wrong.xlsx")


async def test_a_report_says_how_the_file_was_read(watched: DropFolder) -> None:
    watched.drop("tabs.GB.txt", "name\tphone\nAnn\t07400 123456\n")
    report = await watched.report("tabs.GB.txt")
    assert report["read_as"] == {
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": "\t",
        "header": True,
        "column": "phone",
        "sheet": None,
        "country": "GB",
    }
    assert (watched.outbox / "tabs.GB.txt.results.tsv").read_text().startswith("name\tphone\tphone_number")
    assert not (watched.outbox / "tabs.GB.txt.results.csv").exists()
