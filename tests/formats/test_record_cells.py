"""Records as cells: the short way over remembered parts tells what reading the JSON tells."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator_svc.formats import record_cells
from validator_svc.formats.clean_csv import written_rows
from validator_svc.formats.record_cells import RecordCells, values_of
from validator_svc.kernel.classify import Classifier
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.record.record import Record, to_line

CLASSIFIER = Classifier()
TEXT = st.text(
    st.sampled_from('0123456789+ ,;|"\\\n\t') | st.characters(exclude_categories=["Cs"]), max_size=14
)
NUMBER = st.sampled_from(
    ["+6281234567000", "14155552671", "0049 30 1234567", "+800 1234 5678", "1,2", "", '"']
)
TEXTS = st.lists(TEXT | NUMBER, min_size=1, max_size=8)


def expected(records: bytes, delimiter: str) -> list[bytes]:
    rows = [values_of(orjson.loads(line)) for line in records.splitlines()]
    return written_rows(rows, delimiter)


@settings(deadline=None)  # the plan of a country is compiled when its first number comes
@given(TEXTS, st.sampled_from(REQUEST_TYPES), st.sampled_from(",;\t|"))
def test_cells_tell_what_the_json_tells(texts: list[str], kind: RequestType, delimiter: str) -> None:
    records = CLASSIFIER.rows([*texts, None], kind)
    assert RecordCells(delimiter).rows(records) == expected(records, delimiter)


@given(TEXT, TEXT, TEXT, TEXT)
def test_whatever_a_live_source_says(text: str, carrier: str, national: str, source: str) -> None:
    record = Record(text, True, "ID", "+62", national, carrier_name=carrier, source=source)
    records = to_line(record, "analysis") * 2
    assert RecordCells(",").rows(records) == expected(records, ",")


def test_of_parts_that_never_come_again_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_cells, "MOST_PARTS", 3)
    records = b"".join(to_line(Record("1", True, carrier_name=str(n)), "analysis") for n in range(20))
    cells = RecordCells(",")
    assert cells.rows(records) == expected(records, ",")
    assert len(cells._tails) <= 3
