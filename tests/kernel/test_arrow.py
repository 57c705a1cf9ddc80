import random
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from sys import getrefcount

import nanoarrow
import orjson
import polars as pl
import pytest

from tests.documents import is_as_shown
from tests.kernel.odd_texts import odd_text
from tests.memory import resident_kb
from tests.test_docs import ROOT
from validator_svc.kernel.arrow import records
from validator_svc.kernel.interface import Columns, Kernel, Kind
from validator_svc.kernel.plan import Plan

TEXTS = ["+442079460018", "nonsense", "020 7946 0018", None, "+44207946001"]


@pytest.fixture
def found() -> Columns:
    return Columns(
        array("i", [30, 1]), array("i", [2, 0]), ["442079460018", ""], array("Q", [442079460018, 0])
    )


@dataclass
class Given:
    """What was given to somebody, who gives it on."""

    capsules: tuple[object, object]

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self.capsules


def takers() -> Iterator[Callable[[Columns], object]]:
    """What takes columns: nobody yet, once and for all, and others' libraries."""
    yield lambda columns: columns.__arrow_c_schema__()
    yield lambda columns: columns.__arrow_c_array__()
    yield nanoarrow.c_array
    yield pl.DataFrame


def is_held(columns: Columns) -> bool:
    """Whether somebody has the arrays where they are."""
    try:
        columns.numbers.append(0)
    except BufferError:
        return True
    columns.numbers.pop()
    return False


def test_what_is_found_is_a_frame(kernel: Kernel) -> None:
    columns = kernel.find(TEXTS, "GB")
    frame = pl.DataFrame(columns)
    assert frame.schema == {"e164": pl.UInt64, "record_id": pl.Int32}
    assert frame["e164"].to_list() == [442079460018, None, 442079460018, None, None]
    assert frame["record_id"].to_list() == list(columns.records)


def test_what_is_missing_is_empty(kernel: Kernel) -> None:
    for region_code in (None, "GB"):
        assert kernel.find([None], region_code) == kernel.find([""], region_code)


def test_nothing_is_a_frame_too(kernel: Kernel) -> None:
    assert pl.DataFrame(kernel.find([])).schema == {"e164": pl.UInt64, "record_id": pl.Int32}


def test_arrays_are_taken_where_they_are(found: Columns) -> None:
    numbers, record_ids = nanoarrow.c_array(found).view().children
    assert numbers.buffer(1)._addr() == found.numbers.buffer_info()[0]
    assert record_ids.buffer(1)._addr() == found.records.buffer_info()[0]
    assert (numbers.null_count, record_ids.null_count) == (1, 0)


@pytest.mark.parametrize("take", [*takers()][1:])
def test_arrays_stay_as_long_as_somebody_has_them(found: Columns, take: Callable[[Columns], object]) -> None:
    taken = take(found)
    assert is_held(found)
    del taken
    assert not is_held(found)


def test_what_was_taken_outlives_what_was_found(found: Columns) -> None:
    expected = list(found.numbers)
    frame = pl.DataFrame(found)
    del found
    assert frame["e164"].fill_null(0).to_list() == expected


def test_what_was_given_is_given_once(found: Columns) -> None:
    given = Given(found.__arrow_c_array__())
    taken = pl.DataFrame(given)
    assert taken["record_id"].to_list() == list(found.records)
    assert not nanoarrow.c_array(given).is_valid()
    del given
    assert is_held(found)
    del taken
    assert not is_held(found)


def test_an_error_on_its_way_is_not_lost(found: Columns) -> None:
    for take in takers():
        with pytest.raises(ZeroDivisionError):
            print(take(found), 1 / 0)
    assert not is_held(found)


def test_taking_again_and_again_leaves_nothing(found: Columns) -> None:
    found.numbers.extend([0] * 100_000)
    found.records.extend([1] * 100_000)

    def take_all(times: int) -> None:
        for _ in range(times):
            for take in takers():
                take(found)

    take_all(20)
    held = getrefcount(found.numbers), getrefcount(found.records)
    before = resident_kb()
    take_all(100)
    assert (getrefcount(found.numbers), getrefcount(found.records)) == held
    # Which nulls there are takes 12 kB each time.
    assert resident_kb() - before < 2_500


def test_records_say_what_those_of_the_texts_say(kernel: Kernel, plan: Plan) -> None:
    chance = random.Random(5)
    texts = [*filter(None, TEXTS), *(odd_text(chance, 2) for _ in range(300))]
    lines = kernel.texts(texts, Kind("analysis", "GB")).splitlines()
    expected = pl.DataFrame([orjson.loads(line) for line in lines], infer_schema_length=None)
    said = pl.DataFrame(records(plan))
    joined = pl.DataFrame(kernel.find(texts, "GB")).join(said, on="record_id", maintain_order="left")
    names = [name for name in said.columns if name != "record_id"]
    assert joined.select(names).equals(expected.select(pl.col(name).cast(said[name].dtype) for name in names))
    valid = expected.filter("is_valid")
    assert joined.filter("is_valid")["e164"].to_list() == [int(e164) for e164 in valid["e164_format"]]
    assert joined.filter(~pl.col("is_valid"))["e164"].is_null().all()


def test_rows_of_records_are_their_ids(plan: Plan) -> None:
    said = pl.DataFrame(records(plan))
    assert said["record_id"].to_list() == [*range(len(plan.records))]
    assert set(said.columns) >= {"is_valid", "country_code", "phone_type", "carrier_name", "mcc", "reason"}


@pytest.mark.parametrize("library", ["polars", "duckdb", "pyarrow"])
def test_a_library_takes_what_is_found_as_the_document_says(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(library)
    document = (ROOT / "docs" / "python.md").read_text("utf-8")
    first, *others = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    (code,) = [each for each in others if f"import {library}\n" in each]
    exec(first + code, {})
    seen = capsys.readouterr().out
    assert "landline" in seen
    if library == "polars":
        shown = re.search(r"```text\n(.*?)```", document, re.DOTALL)
        assert shown
        assert is_as_shown(seen, shown[1].replace("…      ", "…"))
