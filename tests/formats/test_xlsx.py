"""XLSX as a format of results, as a reader of workbooks sees it."""

import io
import zipfile
from pathlib import Path

import orjson
import pytest
from python_calamine import CalamineWorkbook

from tests.peak import with_peak_kb
from tests.test_check import check
from validator_svc.formats import xlsx
from validator_svc.formats.contents import open_numbers
from validator_svc.formats.errors import UnwritableError
from validator_svc.formats.layout import Hints
from validator_svc.formats.xlsx import XlsxWriter
from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.classify import Classifier
from validator_svc.record.record import fields_of

NUMBER = "+6281234567000"
ODD_CELLS = [
    "=1+1",
    "@SUM(A1)",
    "https://example.com",
    "mailto:a@example.com",
    "007",
    "123456789012345678",
    "1e5",
    "TRUE",
    " blanks around ",
    "<r>x</r>",
    "<r><t>a & b</r>",
    "a<b>&\"c'",
    "_x0041_",
    "\x01\x1f",
    "José 😀 ＋６２",
    "{=A1}",
    "2026-01-01",
    "\x1e",
    "a\x1eb\x1fc",
    "a\rb",
    "two\nlines",
    "\ttab\t",
    "_x000D_ &amp; ]]>",
    "",
]


def rows_in(book: bytes | Path, sheet: int = 0) -> list[list[object]]:
    """The cells of a sheet, as their types are in the file."""
    workbook = CalamineWorkbook.from_object(book if isinstance(book, Path) else io.BytesIO(book))
    return [[*row] for row in workbook.get_sheet_by_index(sheet).to_python(skip_empty_area=False)]


def cells_as_csv(cells: list[str]) -> bytes:
    lines = ["note;phone", *(f'"{cell.replace(chr(34), chr(34) * 2)}";{NUMBER}' for cell in cells)]
    return "\n".join(lines).encode() + b"\n"


def written(content: bytes) -> bytes:
    """The workbook of a file of numbers."""
    numbers, sink = open_numbers(io.BytesIO(content), Hints("f.csv")), io.BytesIO()
    writer = XlsxWriter(sink, numbers.layout, "format")
    try:
        writer.begin()
        for block in numbers.row_blocks():
            writer.write(
                block.clean_csv(numbers.layout.delimiter), Classifier().rows(block.texts, "format", None)
            )
        writer.end()
    finally:
        writer.close()
    return sink.getvalue()


def test_every_cell_arrives_as_the_text_that_it_was() -> None:
    book = written(cells_as_csv(ODD_CELLS))
    header, *rows = rows_in(book)
    assert header == ["note", "phone", *fields_of("format")]
    assert [row[0] for row in rows] == ODD_CELLS
    codes = header.index("error_code"), header.index("e164_format")
    assert {tuple(row[at] for at in (1, *codes)) for row in rows} == {(NUMBER, "000", NUMBER)}
    assert all(isinstance(cell, str) for row in rows for cell in row)
    (sheet,) = [name for name in zipfile.ZipFile(io.BytesIO(book)).namelist() if "/sheet" in name]
    xml = zipfile.ZipFile(io.BytesIO(book)).read(sheet)
    assert (b"<f>" in xml, b"<v>" in xml, b"hyperlink" in xml) == (False, False, False)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    rows = [f"Ann <{at}>,+62812{at:08},{at},,,,,,,\n" for at in range(40_000)]
    (tmp_path / "a.csv").write_text("name,phone,a,b,c,d,e,f,g,h\n" + "".join(rows))
    done, peak_kb = with_peak_kb(tmp_path, "check", "a.csv", "--type", "analysis", "-o", "a.xlsx")
    assert done.returncode == 0
    # The XML is 60 MB; a process that has only started takes 45 MB.
    # Beside plain Python there is `phonenumbers`.
    assert peak_kb < (75_000 if HAS_NATIVE else 80_000)
    found = rows_in(tmp_path / "a.xlsx")
    assert (len(found), found[-1][:2]) == (40_001, ["Ann <39999>", "+6281200039999"])


def test_what_is_not_utf_8_arrives_as_unicode() -> None:
    numbers, sink = open_numbers(io.BytesIO(f"note,phone\nAnn,{NUMBER}\n".encode()), Hints()), io.BytesIO()
    writer = XlsxWriter(sink, numbers.layout, "format")
    writer.begin()
    writer.write(b"\xff,%s\r\n" % NUMBER.encode(), Classifier().rows([NUMBER], "format", None))
    writer.end()
    writer.close()
    assert [row[:2] for row in rows_in(sink.getvalue())[1:]] == [["\N{REPLACEMENT CHARACTER}", NUMBER]]


def test_a_row_that_is_short_or_long_keeps_the_results_in_their_columns() -> None:
    header, *rows = rows_in(written(f"phone,note\n{NUMBER}\n{NUMBER},a,b\n{NUMBER},a\n".encode()))
    assert [row[header.index("e164_format")] for row in rows] == [NUMBER] * 3
    assert rows[1][-1] == "b"


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 4)
    book = written(cells_as_csv([f"row {at}" for at in range(7)]))
    sheets = [rows_in(book, sheet) for sheet in range(3)]
    assert [len(rows) for rows in sheets] == [4, 4, 2]
    assert len({tuple(rows[0]) for rows in sheets}) == 1
    assert [row[0] for rows in sheets for row in rows[1:]] == [f"row {at}" for at in range(7)]


@pytest.mark.parametrize("row", [f"{'x' * 32_768};{NUMBER}", f"a;{NUMBER}" + ";b" * 16_380])
def test_what_a_sheet_does_not_hold_is_refused(row: str) -> None:
    with pytest.raises(UnwritableError, match="expected fewer, or another format: csv"):
        written(f"note;phone\na;{NUMBER}\n{row}\n".encode())


@pytest.mark.parametrize(
    "arguments", [("-o", "x.xlsx"), ("-o", "x.XLSX"), ("--format", "xlsx"), ("--format", "xlsx", "-o", "x")]
)
def test_check_writes_a_workbook(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = check("-", *arguments, stdin=f"name,phone\n=A1,{NUMBER}\nBob,12\n".encode())
    book = done.stdout or next(tmp_path.iterdir()).read_bytes()
    header, *rows = rows_in(book)
    assert header[:3] == ["name", "phone", "phone_number"]
    assert [row[0] for row in rows] == ["=A1", "Bob"]
    assert [row[header.index("error_code")] for row in rows] == ["000", "021"]
    assert len([*tmp_path.iterdir()]) == ("-o" in arguments)
    (tmp_path / "again.xlsx").write_bytes(book)
    again = check("again.xlsx", "--column", "phone", "--type", "format").stdout.splitlines()
    assert [orjson.loads(line)["e164_format"] for line in again] == [
        NUMBER,
        rows[1][header.index("e164_format")],
    ]


def test_check_leaves_nothing_of_a_workbook_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    content = f"note;phone\n{'x' * 32_768};{NUMBER}\n".encode()
    done = check("-", "-o", tmp_path / "x.xlsx", stdin=content, status=2)
    assert b"32,767 characters" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not any(tmp_path.iterdir())


def test_the_dialect_of_csv_does_not_go_with_it() -> None:
    done = check("-", "--format", "xlsx", "--dialect", "excel", stdin=b"1\n", status=2)
    assert done.stderr == b"validator-svc: --dialect excel: excel goes with format csv only\n"
