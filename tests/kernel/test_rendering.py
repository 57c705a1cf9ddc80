"""Finished records as cells of CSV: what the kernel writes at once is rendered later of its records."""

import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.odd_texts import odd_text
from validator_svc.formats.clean_csv import joined_rows, written_rows
from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import CsvLayout, Kernel, Kind
from validator_svc.kernel.rendering import cells_of, rendered_rows, rendered_slowly
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.record.record import Record, to_line

TEXT = st.text(
    st.sampled_from('0123456789+ ,;|"\\\b\n\r\t\x01\x7f') | st.characters(exclude_categories=["Cs"]),
    max_size=14,
)
CELLS = st.lists(TEXT, min_size=1, max_size=5)
CLASSIFIER = Classifier()


def both(records: bytes, rows: bytes | None, delimiter: str, width: int) -> bytes:
    """Rendered in machine code, where there is some, and in Python: the same."""
    rendered = rendered_rows(records, rows, delimiter, width, "\n")
    assert rendered == rendered_slowly(records, rows, delimiter, width, "\n")
    return rendered


@pytest.mark.parametrize("request_type", REQUEST_TYPES)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "-", " "])
def test_rendered_is_what_is_written_at_once(
    kernel: Kernel, request_type: RequestType, delimiter: str
) -> None:
    chance = random.Random(f"{request_type}{delimiter}")
    rows = [
        [chance.choice(["", "Ann", 'says "no"', "a,b;c", "two\nlines"]), odd_text(chance), "x", "y"][
            : chance.choice([2, 3, 3, 3, 4])
        ]
        for _ in range(300)
    ]
    block = joined_rows(written_rows(rows, delimiter))
    kind, layout = Kind(request_type), CsvLayout(delimiter, 1, 3, line_end="\n")
    at_once = kernel.csv(block, kind, layout, kernel.new_tally(), "csv", is_last=True).output
    records = kernel.csv(block, kind, layout, kernel.new_tally(), "ndjson", is_last=True).output
    assert both(records, block, delimiter, 3) == at_once


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=6), st.sampled_from(REQUEST_TYPES), st.sampled_from(",;\t|"))
def test_cells_tell_what_the_json_tells(texts: list[str], request_type: RequestType, delimiter: str) -> None:
    records = CLASSIFIER.rows([*texts, None], request_type)
    expected = written_rows([cells_of(line) for line in records.splitlines()], delimiter)
    assert both(records, None, delimiter, 0) == b"".join(row + b"\n" for row in expected)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5), TEXT, TEXT, TEXT, st.sampled_from(",;|"))
def test_whatever_a_live_source_says(
    rows: list[list[str]], text: str, carrier: str, source: str, delimiter: str
) -> None:
    record = Record(text, True, "ID", "+62", "", carrier_name=carrier, source=source)
    block = joined_rows(written_rows(rows, delimiter))
    assert both(to_line(record, "analysis") * len(rows), block, delimiter, 3).endswith(b"\n")


@pytest.mark.parametrize("rows", [b"a,b\n", b"a,b\r\nc,d\r\ne,f\r\n", b""])
def test_rows_without_a_record_of_their_own_are_refused(rows: bytes) -> None:
    records = to_line(Record("1", False), "format") * 2
    for render in (rendered_rows, rendered_slowly):
        with pytest.raises(ValueError):  # noqa: PT011
            render(records, rows, ",", 2, "\n")


def test_quotes_that_follow_no_rule_are_read_as_the_csv_module_reads_them() -> None:
    records = to_line(Record("1", False), "format") * 2
    assert both(records, b'a"b,c\nd,"e"f\n', ",", 2).startswith(b'a"b,c,1,false,')


def test_what_is_no_record_is_refused_and_harms_nobody() -> None:
    """Records come from a store: whatever is in there, nothing is read or written beyond it."""
    chance = random.Random(1)
    line = CLASSIFIER.rows(['+62 812 "3456" 7000\x01', "\\ü,"], "validation")
    refused = 0
    for _ in range(3_000):
        garbled = bytearray(line)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(garbled))
            garbled[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            rendered_rows(bytes(garbled), chance.choice([None, b"a,b\r\nc,d\r\n"]), ",", 2, "\n")
        except ValueError:
            refused += 1
    assert refused > 1_000


@pytest.mark.skipif(not HAS_NATIVE, reason="no machine code here")
def test_a_long_cell_makes_room_for_itself() -> None:
    text = "," * 3_000_000
    records = orjson.dumps({"phone_number": text, "is_valid": False}) + b"\n"
    assert both(records, b"x\n", ",", 1) == b'x,"%b",false\n' % text.encode()
