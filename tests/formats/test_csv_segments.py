"""Cutting CSV without parsing it: whatever the file, segments hold the rows that the csv module reads."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator_svc.formats import clean_csv
from validator_svc.formats.clean_csv import column_of, parsed_rows, rows_of, split_at_quotes, written_rows
from validator_svc.formats.csv_segmenter import csv_segments
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Layout
from validator_svc.formats.lines import MAX_LINE
from validator_svc.formats.rows import CsvRows
from validator_svc.formats.segmenter import Segment

LAYOUT = Layout("csv", "utf-8")
# Mostly what makes rows; every byte may come, UTF-8 or not.
BYTES = st.lists(
    st.sampled_from(
        [b'"', b",", b"\n", b"\r\n", b"\r", b"a", b'""', b',"', b'",', b'"\n"', b"\0", "é".encode()]
    )
    | st.binary(max_size=2),
    max_size=30,
).map(b"".join)
CELL = st.text(st.sampled_from('a",;\n\r\0é ') | st.characters(exclude_categories=["Cs"]), max_size=6)
TABLE = st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=8)
SIZES = st.integers(1, 7)


def blocks_of(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def read(data: bytes, layout: Layout = LAYOUT) -> list[list[str]] | str:
    """The rows as the csv module reads them, or what is wrong with them."""
    try:
        blocks = CsvRows(iter([data]), layout).row_blocks(with_cells=True)
        return [row for block in blocks for row in block.cells or []]
    except UnreadableFileError as error:
        return str(error)


def cut(data: bytes, block_size: int, rows: int, layout: Layout = LAYOUT) -> list[Segment] | str:
    try:
        return list(csv_segments(blocks_of(data, block_size), layout, rows))
    except UnreadableFileError as error:
        return str(error)


@given(BYTES, SIZES, SIZES, st.booleans())
@example(b'a"b,c\n"d\ne",f\n', 2, 1, False)
@example(b'"a"b"c,"\n"\nd\n', 3, 1, False)
@example(b'x,"a"\r\n"b\r\n"\r', 1, 1, False)
@example(b'a\r"b"\r"c\nd"', 4, 2, False)
def test_segments_hold_the_rows_of_any_file(data: bytes, block: int, rows: int, has_header: bool) -> None:
    layout = LAYOUT._replace(has_header=has_header)
    found, segments = read(data, layout), cut(data, block, rows, layout)
    if isinstance(segments, str) or isinstance(found, str):
        assert segments == found
        return
    assert [row for each in segments for row in parsed_rows(each.cells or b"", ",")] == found
    assert [each.rows for each in segments[:-1]] == [rows] * (len(segments) - 1)
    assert sum(each.rows for each in segments) == len(found)


@given(BYTES, SIZES, SIZES, st.integers(0, 4), SIZES)
def test_columns_and_rows_of_a_segment(data: bytes, block: int, rows: int, index: int, piece: int) -> None:
    segments = cut(data, block, rows)
    for segment in segments if isinstance(segments, list) else []:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clean_csv, "PIECE_BYTES", piece)
            check_columns_and_rows(segment.cells or b"", index)


def check_columns_and_rows(data: bytes, index: int) -> None:
    """Check a segment's cells against what the csv module reads."""
    assert all(len(b'"'.join(parts)) <= clean_csv.PIECE_BYTES for _, parts in split_at_quotes(data))
    cells = parsed_rows(data, ",")
    column = [row[index] if index < len(row) else "" for row in cells]
    as_bytes = [cell.encode("utf-8", "surrogateescape") for cell in column]
    assert column_of(data, ",", index) == [cell.decode("utf-8", "replace") for cell in as_bytes]
    assert [parsed_rows(row + b"\n", ",")[0] for row in rows_of(data, ",")] == cells


@given(TABLE, st.sampled_from(",;\t|"), SIZES, SIZES, st.booleans())
def test_what_the_csv_module_wrote_stays_as_it_is(
    table: list[list[str]], delimiter: str, block: int, rows: int, quote_all: bool
) -> None:
    file = io.StringIO(newline="")
    # With LF alone the csv module would leave a CR unquoted.
    dialect = csv.unix_dialect if quote_all else csv.excel
    csv.writer(file, dialect, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    data = file.getvalue().encode()
    segments = cut(data, block, rows, LAYOUT._replace(delimiter=delimiter))
    assert isinstance(segments, list)
    assert b"".join(segment.cells or b"" for segment in segments) == data
    written = written_rows(table, delimiter)
    assert [parsed_rows(row, delimiter)[0] if row else [] for row in written] == table


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_every_encoding_becomes_utf_8(encoding: str) -> None:
    data = 'é,"a\nü"\n"1",2\n'.encode(encoding)
    (segment,) = csv_segments(blocks_of(data, 3), LAYOUT._replace(encoding=encoding), 10)
    assert segment == Segment(2, None, 'é,"a\nü"\n"1",2\n'.encode())


def test_a_row_that_does_not_end_is_not_held_for_long() -> None:
    taken = 0

    def endless() -> list[bytes]:
        nonlocal taken
        taken += 1
        return [b"x" * 65_536]

    blocks = (block for _ in range(1_000) for block in endless())
    with pytest.raises(UnreadableFileError, match=r"^line 1: "):
        list(csv_segments(blocks, LAYOUT, 10))
    assert taken * 65_536 < 3 * MAX_LINE


def test_errors_name_the_line_of_the_whole_file() -> None:
    data = b"phone,x\n" + b'1,"a\nb"\n' * 100 + b'2,"c'
    assert cut(data, 64, 7, LAYOUT._replace(has_header=True)) == (
        "line 202: a cell opened with a quote is never closed"
    )
