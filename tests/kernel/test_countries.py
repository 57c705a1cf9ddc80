"""What country cells mean is remembered, for so many cells and no more."""

from tests.memory import resident_kb
from validator_svc.kernel.interface import CsvLayout, Kernel, Kind

BLOCKS, ROWS = 100, 2_000


def test_memory_does_not_grow_with_different_countries(kernel: Kernel) -> None:
    layout = CsvLayout(",", 0, 2, 1, lambda cell: None)
    tally, kind = kernel.new_tally(counts_duplicates=False), Kind("format")

    def answer(block: int) -> None:
        rows = b"".join(b"+6281234567000,%d %s\n" % (block * ROWS + row, b"x" * 900) for row in range(ROWS))
        assert kernel.csv(rows, kind, layout, tally, "ndjson").rows == ROWS

    for block in range(10):
        answer(block)
    before_kb = resident_kb()
    for block in range(10, BLOCKS if kernel.__class__.__name__ == "NativeKernel" else 15):
        answer(block)
    assert resident_kb() - before_kb < 30_000


def test_cells_that_differ_late_are_not_taken_for_each_other(kernel: Kernel) -> None:
    seen: list[str] = []
    layout = CsvLayout(",", 0, 2, 1, lambda cell: seen.append(cell[:100]))
    names = ["\U0001d400" * 90 + end for end in ("a", "b")]
    rows = "".join(f"1,{name}\n" for name in names).encode()
    kernel.csv(rows, Kind("format"), layout, kernel.new_tally(), "ndjson")
    assert seen == names
