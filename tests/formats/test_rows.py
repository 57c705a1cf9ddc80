"""Rows come in order with their cells as they were, in bounded memory."""

import csv
import io
import json
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints
from validator_svc.formats.lines import MAX_LINE
from validator_svc.formats.rows import NumberFile

# A NUL in so small a file would make it binary.
CELL = st.text(
    st.sampled_from("a\",;\n\r\t' \ufeff")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)


def rows(content: bytes, hints: Hints = Hints("f.csv")) -> list[tuple[str | None, list[str]]]:  # noqa: B008
    return [
        row
        for texts, cells in NumberFile(io.BytesIO(content), hints).row_blocks()
        for row in zip(texts, cells or [[]] * len(texts), strict=True)
    ]


def test_cells_may_hold_line_breaks_and_quotes() -> None:
    content = b'name,phone\r\n"a\r\nb","+62\n812"\r\n"say ""x""",2\r\n'
    assert rows(content) == [("+62\n812", ["a\r\nb", "+62\n812"]), ("2", ['say "x"', "2"])]


def test_short_long_and_blank_rows_are_rows() -> None:
    assert rows(b"name,phone\na\n\nb,2,3,4\n") == [
        ("", ["a"]),
        ("", []),
        ("2", ["b", "2", "3", "4"]),
    ]


def test_nul_is_a_character_like_another() -> None:
    assert rows(b"name,phone\na\0b,1\n" + b"x,2\n" * 50)[0] == ("1", ["a\0b", "1"])


def test_bytes_that_are_not_utf_8_are_kept_in_cells_and_marked_in_numbers() -> None:
    content = "José Müller Čapek,phone\n".encode() + b"Jos\xe9,1\nx,\xff2\n"
    assert rows(content) == [("1", ["Jos\udce9", "1"]), ("\ufffd2", ["x", "\udcff2"])]


def test_text_has_a_number_a_line() -> None:
    assert rows(b"1\n\n 2 \r\n3", Hints()) == [("1", []), ("", []), (" 2 ", []), ("3", [])]


def test_ndjson_lines() -> None:
    lines = [
        '{"phone_number":"+1","n":1.50,"deep":{"x":[1]}}',
        '"+2"',
        "3",
        '{"phone_number":6.28123E+11}',
        '{"phone_number":123456789012345678901234567890}',
        "",
        "{broken",
        '{"n":true}',
        '{"phone_number":null}',
        "[1]",
        '{"phone_number":"4","late":"é"}',
        '"\\ud800"',
    ]
    content = "\n".join(lines).encode()
    found = rows(content, Hints("f.ndjson"))
    assert [text for text, _ in found] == [
        *(
            "+1",
            "+2",
            "3",
            "6.28123E+11",
            "123456789012345678901234567890",
            "",
            None,
            None,
            None,
            None,
            "4",
            None,
        )
    ]
    assert found[0][1] == ["+1", "1.50", '{"x":[1]}', ""]
    assert found[1][1] == ["+2", "", "", ""]
    assert found[6][1] == ["", "", "", "", "{broken"]
    assert found[7][1] == ["", "true", "", ""]
    assert found[10][1] == ["4", "", "", "é"]


def test_a_key_that_comes_late_is_kept_in_one_more_cell() -> None:
    content = b'{"phone_number":"1"}\n' * 20_000 + b'{"phone_number":"2","late":[1,"x"]}\n'
    assert rows(content, Hints())[-1] == ("2", ["2", '{"late":[1,"x"]}'])


def test_deep_json_breaks_nothing() -> None:
    assert rows(b'"1"\n' + b"[" * 100_000 + b"\n", Hints())[1][0] is None
    for depth in (900, 990, 1_020, 5_000):
        deep = b'{"phone_number":1,"x":' + b"[" * depth + b"]" * depth + b"}\n"
        assert rows(b'{"phone_number":"1"}\n' + deep, Hints())[1][0] in ("1", None)


def test_a_quote_that_is_never_closed_is_named() -> None:
    with pytest.raises(UnreadableFileError, match=r"line 3: a cell opened with a quote is never closed"):
        rows(b'phone,name\n1,a\n2,"b\n3,c\n4,d\n')


def test_a_quote_that_is_closed_by_the_end_is_fine() -> None:
    assert rows(b'phone,name\n1,"a"')[0] == ("1", ["1", "a"])


@pytest.mark.parametrize("filler", [b"x" * 1_000, b"x\n" * 500, b'a","b\n' * 150])
def test_a_row_without_end_is_refused_in_bounded_memory(filler: bytes) -> None:
    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size
            assert size > 0
            self.given += size
            start = b'phone,name\n1,a\n2,"' if self.given == size else b""
            return (start + filler * (size // len(filler) + 1))[:size]

        def seekable(self) -> bool:
            return False

    file = Endless()
    with pytest.raises(UnreadableFileError, match=r"^line 3: "):
        for _ in NumberFile(file, Hints("f.csv")).row_blocks():
            pass
    assert file.given < 8 * MAX_LINE


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnreadableFileError("broken", 3)))
    assert (str(error), error.line_number) == ("line 3: broken", 3)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t|"))
@example([["\r", ""], ["", "\n"]], ",")
def test_what_the_csv_module_wrote_is_read(table: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows([["phone", "x"], *table])
    found = rows(file.getvalue().encode(), Hints("f.csv", column="phone"))
    assert [cells for _, cells in found] == table
    assert [text for text, _ in found] == [row[0] for row in table]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), min_size=1, max_size=10))
def test_ndjson_and_its_numbers(texts: list[str]) -> None:
    content = "".join(json.dumps({"phone_number": text}) + "\n" for text in texts).encode()
    assert [text for text, _ in rows(content, Hints())] == texts
