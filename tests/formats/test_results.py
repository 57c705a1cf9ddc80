"""Results as files: the original cells unchanged, ours beside them, and both formats telling the same."""

import csv
import io
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.formats.excel_dialect import guarded_row
from validator_svc.formats.layout import Hints
from validator_svc.formats.result_columns import result_columns
from validator_svc.formats.rows import NumberFile
from validator_svc.formats.writers import CsvWriter
from validator_svc.kernel.classify import Classifier
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.record.record import fields_of

TEXT = st.text(
    st.sampled_from("+62\",;\n\r\t'= ") | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=10,
)
TABLE = st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=5)
CLASSIFIER = Classifier()


def results_of(
    content: bytes, kind: RequestType = "format", excel: bool = False, name: str = "f.csv"
) -> bytes:
    numbers = NumberFile(io.BytesIO(content), Hints(name))
    sink = io.BytesIO()
    writer = CsvWriter(sink, numbers.layout, kind, for_excel=excel)
    writer.begin()
    for block in numbers.row_blocks():
        writer.write(
            block.clean_csv(numbers.layout.delimiter),
            CLASSIFIER.lines([text or "" for text in block.texts], kind),
        )
    return sink.getvalue()


def table_of(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(content.decode("utf-8", "surrogateescape"), newline=""), delimiter=delimiter)
    )


def csv_of(table: list[list[str]], delimiter: str, line_end: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(table)
    return file.getvalue().encode()


@given(TABLE, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_cells_come_out_as_they_went_in(table: list[list[str]], delimiter: str, line_end: str) -> None:
    content = csv_of([["phone", "a", "b"], *table], delimiter, line_end)
    written = table_of(results_of(content), delimiter)
    assert written[0] == ["phone", "a", "b", *fields_of("format")]
    assert [row[:3] for row in written[1:]] == table
    assert {len(row) for row in written} == {3 + len(fields_of("format"))}


@given(TABLE, st.sampled_from(REQUEST_TYPES))
def test_csv_tells_what_ndjson_tells(table: list[list[str]], kind: RequestType) -> None:
    written = table_of(results_of(csv_of([["phone", "a", "b"], *table], ",", "\n"), kind))
    records = [orjson.loads(line) for line in CLASSIFIER.lines([row[0] for row in table], kind).splitlines()]
    as_cells = {None: "", True: "true", False: "false"}
    assert [row[3:] for row in written[1:]] == [
        [as_cells.get(value, value) for value in record.values()] for record in records
    ]


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_ndjson_in_and_csv_in_give_the_same_results(texts: list[str]) -> None:
    from_ndjson = results_of("".join(json.dumps(text) + "\n" for text in texts).encode(), name="f.ndjson")
    from_csv = results_of(csv_of([["phone"], *([text] for text in texts)], ",", "\n"))
    assert table_of(from_ndjson) == [row[1:] for row in table_of(from_csv)]


def test_bytes_that_were_not_utf_8_come_out_as_they_went_in() -> None:
    content = "name,phone\nJosé Müller Čapek,1\n".encode() + b"Jos\xe9,\xff2\n"
    assert b'\nJos\xe9,\xff2,"\xef\xbf\xbd2"'.replace(b'"', b"") in results_of(content)


def test_delimiter_and_line_end_stay() -> None:
    assert results_of(b"phone;b\r\n1;2\r\n").splitlines(keepends=True)[1].startswith(b"1;2;1;false;")
    assert results_of(b"phone;b\r\n1;2\r\n").count(b"\r\n") == 2
    assert results_of(b"phone;b\n1;2\n").count(b"\r") == 0


def test_rows_of_any_length_keep_the_results_in_their_columns() -> None:
    written = table_of(results_of(b"phone,b\n1\n1,2,3,4\n\n"))
    width = len(fields_of("format"))
    assert written[1][:2] == ["1", ""]
    assert written[2][:2] == ["1", "2"]
    assert written[2][2 + width :] == ["3", "4"]
    assert written[3] == ["", "", "", "false", "", "", "", "0", "021", "plan", "empty"]


def test_columns_without_header_get_names() -> None:
    assert table_of(results_of(b"+6281234567000,x\n"))[0][:3] == ["column_1", "column_2", "phone_number"]


def test_text_has_result_columns_only() -> None:
    assert table_of(results_of(b"+6281234567000\n", name=""))[0] == [*fields_of("format")]


def test_names_that_the_file_has_are_prefixed() -> None:
    names = result_columns(["phone_number", "reason", "validation_reason", "x"], "format")
    assert names[0] == "validation_phone_number"
    assert names[-1] == "validation_validation_reason"
    assert names[1] == "is_valid"


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "@x", "\tx", "\rx", "\nx", " =1+1", "＝1", "＋62", " 0812"),
        *('0812"&A1&"', "0812=1", "+1;2", "-1+1|cmd", "+SUM(1)", "0812" * 26),
    ],
)
def test_excel_guards_what_a_spreadsheet_would_change_or_run(cell: str) -> None:
    assert guarded_row([cell]) == ["'" + cell]


@pytest.mark.parametrize(
    "cell",
    [
        *("+6281", "-1", "0812", "00", "6281234567000", "0812" * 25),
        *("+62 812-3456.7000", "+62(0)812/3456", "00 62 812"),
    ],
)
def test_excel_has_numbers_as_text_that_shows_without_a_mark(cell: str) -> None:
    assert guarded_row([cell]) == [f'="{cell}"']


@pytest.mark.parametrize("cell", ["", "Anna", "0", "12", "a=b", "'+62", "x-1", "1.5", "0.5", "José"])
def test_excel_leaves_other_cells_alone(cell: str) -> None:
    assert guarded_row([cell]) == [cell]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "\n", "\r\n", ", ", ";\t "])
@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-2", "＝1"])
def test_excel_guards_what_begins_a_cell_where_another_delimiter_is_taken(
    separator: str, formula: str
) -> None:
    (guarded,) = guarded_row([f"a{separator}{formula}{separator}b"])
    assert guarded.endswith(f"a{separator}'{formula}{separator}b")
    for delimiter in ",;\t|\n":
        assert not any(cell.strip().startswith(formula) for cell in guarded.split(delimiter))


def test_a_file_for_excel_is_read_again_as_it_was() -> None:
    content = b"phone,note\n+6281234567000,=1+1\n"
    written = results_of(content, excel=True)
    assert written.startswith(b"\xef\xbb\xbfphone,note,")
    again = NumberFile(io.BytesIO(written), Hints())
    assert again.layout.columns[:2] == ("phone", "note")
    (block,) = again.row_blocks()
    (text,) = block.texts
    assert text == '="+6281234567000"'
    assert b'"is_valid":true' in CLASSIFIER.lines([text], "format")
