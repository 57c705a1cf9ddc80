"""How fast is the kernel by itself: each kind of row in, each kind of record out, one core, in turns.

    make bench          # runs this too
    python -m loadtest.bench_kernel --count 1000000 --rounds 5

Everything happens in memory, in blocks as a file or a request brings them; rows are read, looked up,
written as complete `analysis` records and counted. Figures are medians. `first pass` is a new
kernel's, with nothing known; plain Python does fewer rows a round. Where polars or pyarrow is
installed, it reads the same CSV and does nothing else.
"""

import contextlib
import csv
import importlib
import io
import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from loadtest.bench.run import run_of_arguments
from validator_svc import kernel as kernels
from validator_svc.kernel.interface import Answer, CsvLayout, Kernel, Kind, Tally
from validator_svc.kernel.plan_store import current_plan
from validator_svc.kernel.python import PythonKernel

BLOCK_BYTES = 256 * 1024
KIND = Kind("analysis")
KEY = "phone_number"
LAYOUT = CsvLayout(",", column=2, width=6)
LESS_IN_PYTHON = 20
"""Plain Python does one row in so many."""
LESS_DIRT = 5
ARABIC = {ord("0") + value: 0x660 + value for value in range(10)}
CELLS = ("Acme, Inc.", "plain street 5", "two\nlines", 'said "hi"', "x")

DIRT: dict[str, Callable[[str], str]] = {
    "no-break space": lambda text: f"{text[:4]}\u00a0{text[4:]}",
    "en dash": lambda text: f"{text[:5]}\u2013{text[5:]}",
    "tel:": lambda text: f"tel:{text}",
    "apostrophe": lambda text: f"'{text}",
    "quotes": lambda text: f'"{text}"',
    ".0": lambda text: f"{text.replace('.', '')}.0",
    "extension": lambda text: f"{text} ext. 123",
    "vanity letters": lambda text: f"{text[:-4]}FLOW",
    "Arabic digits": lambda text: text.translate(ARABIC),
    "invisible marks": lambda text: f"\u202a{text}\u202c",
    "scientific": lambda text: "6.28123E+11",
    "no number": lambda text: "N/A",
    "empty": lambda text: "",
}

Read = Callable[[Kernel, bytes, Tally, bool], Answer]


def read_lines(kernel: Kernel, block: bytes, tally: Tally, is_last: bool) -> Answer:
    return kernel.lines(block, KIND, tally, is_last)


def read_ndjson(kernel: Kernel, block: bytes, tally: Tally, is_last: bool) -> Answer:
    return kernel.ndjson(block, KIND, KEY, tally, is_last)


def read_csv(kernel: Kernel, block: bytes, tally: Tally, is_last: bool) -> Answer:
    return kernel.csv(block, KIND, LAYOUT, tally, "csv", is_last)


def read_csv_to_ndjson(kernel: Kernel, block: bytes, tally: Tally, is_last: bool) -> Answer:
    return kernel.csv(block, KIND, LAYOUT, tally, "ndjson", is_last)


class Path:
    """One kind of rows through one kernel."""

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        read: Read,
        content: bytes,
        rows: int,
        counts_duplicates: bool = True,
    ) -> None:
        self.name = name
        self.figures: list[float] = []
        self._kernel, self._read, self._content = kernel, read, content
        self._rows, self._counts_duplicates = rows, counts_duplicates

    def round(self) -> float:
        """Rows a second."""
        tally = self._kernel.new_tally(self._counts_duplicates)
        carried, rows = b"", 0
        begin_s = time.perf_counter()
        for start in range(0, len(self._content), BLOCK_BYTES):
            block = carried + self._content[start : start + BLOCK_BYTES]
            answer = self._read(self._kernel, block, tally, start + BLOCK_BYTES >= len(self._content))
            carried = block[answer.consumed :]
            rows += answer.rows
        duration_s = time.perf_counter() - begin_s
        assert rows == self._rows == sum(tally.counts)
        return rows / duration_s


def as_csv(texts: list[str]) -> bytes:
    """The texts in rows of six columns, with quotes and line breaks in the cells."""
    chance = random.Random(1)
    file = io.StringIO()
    rows = (
        [index, f"Name {index}", text, chance.choice(CELLS), f"someone{index}@example.com", "2026-01-01"]
        for index, text in enumerate(texts)
    )
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode()


def as_lines(texts: list[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def as_ndjson(texts: list[str]) -> bytes:
    return "".join(
        f'{{"id":{index},"{KEY}":"{text}","a":"b"}}\n' for index, text in enumerate(texts)
    ).encode()


def paths(kernel: Kernel, texts: list[str], place: str) -> Iterator[Path]:
    """All that is measured of one kernel."""
    rows = len(texts)
    table = as_csv(texts)
    yield Path(f"{place}: lines", kernel, read_lines, as_lines(texts), rows)
    yield Path(f"{place}: NDJSON", kernel, read_ndjson, as_ndjson(texts), rows)
    yield Path(f"{place}: CSV to CSV", kernel, read_csv, table, rows)
    yield Path(f"{place}: CSV to NDJSON", kernel, read_csv_to_ndjson, table, rows)
    some = texts[:: LESS_DIRT if rows > LESS_DIRT else 1]
    for name, dirty in DIRT.items():
        content = as_lines([dirty(text) for text in some])
        yield Path(f"{place}: {name}", kernel, read_lines, content, len(some))


def readers() -> Iterator[tuple[str, Callable[[io.BytesIO], object]]]:
    """Libraries that read CSV, those that are here."""
    with contextlib.suppress(ImportError):
        yield "polars", importlib.import_module("polars").read_csv
    with contextlib.suppress(ImportError):
        csv_of_arrow = importlib.import_module("pyarrow.csv")
        # Cells have line breaks.
        options = csv_of_arrow.ParseOptions(newlines_in_values=True)
        yield "pyarrow", partial(csv_of_arrow.read_csv, parse_options=options)


def main() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with run_of_arguments(__doc__) as run:
        texts = run.corpus.read_text().splitlines()
        plan = current_plan()
        if kernels.HAS_NATIVE:
            new = Path("", kernels.new_kernel(plan), read_lines, as_lines(texts), len(texts))
            print(f"{'first pass: lines':36}{new.round():14,.0f} rows/s")
        measured = list(paths(PythonKernel(plan), texts[::LESS_IN_PYTHON], "in plain Python"))
        if kernels.HAS_NATIVE:
            measured += paths(kernels.new_kernel(plan), texts, "in machine code")
        for _ in range(run.rounds):
            for path in measured:
                path.figures.append(path.round())
        for path in measured:
            print(f"{path.name:36}{median(path.figures):14,.0f} rows/s")
        for name, read in readers():
            table = io.BytesIO(as_csv(texts))
            begin_s = time.perf_counter()
            read(table)
            duration_s = time.perf_counter() - begin_s
            print(f"{name + ' reads the CSV':36}{len(texts) / duration_s:14,.0f} rows/s")


if __name__ == "__main__":
    main()
