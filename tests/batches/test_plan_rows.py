"""What the kernel counts in a segment is what its records add up to."""

import orjson
import pytest
from obstore.store import MemoryStore

from validator_svc.batches.plan_rows import PlanRows
from validator_svc.batches.segment_work import counted
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Order, Plan
from validator_svc.formats.layout import Layout
from validator_svc.formats.segmenter import Segment
from validator_svc.kernel.classify import Classifier

TEXTS = [
    "(201) 555-6721",
    "0812 3456 7000",
    "+6281234567000",
    "+6281234567000",
    "",
    "n/a",
    "6.28E+11",
    "+999",
]
COUNTRIES = ["US", "Indonesia", "", "ID", "", "Narnia", "62", "Narnia"]
CELLS = "".join(f'"{text}",{country}\r\n' for text, country in zip(TEXTS, COUNTRIES, strict=True)).encode()
COLUMNS = ("phone", "land")


@pytest.mark.parametrize(
    "order", [Order("format"), Order("analysis", "US"), Order("validation", None, "land")]
)
@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_counts_are_those_of_the_records(order: Order, format: str) -> None:
    segments = Segments(MemoryStore())
    layout = Layout(format, "utf-8", columns=COLUMNS, phone_column=0, phone_key="phone", has_header=True)  # type: ignore[arg-type]
    unreadable = [] if format == "csv" else [None]
    rows = len(TEXTS) + len(unreadable)
    plan = Plan("batch", order, layout, True, rows, rows, 0)
    cells = CELLS if format == "csv" else CELLS + b",\r\n"
    segments.put_rows("batch", 0, Segment(rows, None if format == "csv" else [*TEXTS, *unreadable], cells))
    worked = PlanRows(Classifier(), segments).worked(plan, 0)
    assert [orjson.loads(line)["phone_number"] for line in worked.lines.splitlines()][: len(TEXTS)] == TEXTS
    assert worked.counts == counted(order, segments.rows(plan, 0), worked.lines)
    assert worked.counts["answered"] == rows
    assert worked.counts["duplicates"] >= 1
