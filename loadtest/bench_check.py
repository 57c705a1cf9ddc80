"""What `check` takes as a whole process: time, and memory that must not grow with the file.

    python -m loadtest.bench_check --rows 1000000 --many 10000000 --rounds 5

Rows of CSV (six columns, quotes and line breaks in their cells) to CSV, from a file to a file; and a thousand
numbers, of which most is the start. Each process has one core. Where polars or pyarrow is installed it
reads the same file in a process of its own, and does nothing else with it.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from loadtest.bench.corpus import numbers
from loadtest.bench_kernel import as_csv

HEADER = b"id,name,phone,address,email,since\r\n"
FEW = 1_000
AT_ONCE = 100_000
MOST_GROWTH_MB = 8
LOOKED_AT_S = 0.005
READERS = {
    "polars": "import polars; polars.read_csv(r'{}')",
    "pyarrow": "import pyarrow.csv; pyarrow.csv.read_csv(r'{}',"
    " parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))",
}


def write_rows(path: Path, count: int) -> None:
    """A file of so many rows, made of a hundred thousand that come again and again."""
    some = as_csv(list(islice(numbers(min(count, AT_ONCE), 1), count)))
    with path.open("wb") as file:
        file.write(HEADER)
        for _ in range(-(-count // AT_ONCE)):
            file.write(some)


def run(command: Sequence[str]) -> tuple[float, float]:
    """Seconds that a process takes, and megabytes that were resident at most. Raises RuntimeError."""
    began_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
    status = Path(f"/proc/{process.pid}/status")
    resident_kb = 0
    while process.poll() is None:
        # What getrusage says in the end may be the parent's, from before the program was loaded.
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        resident_kb = int(found[1]) if found else resident_kb
        time.sleep(LOOKED_AT_S)
    if process.returncode:
        raise RuntimeError(f"status {process.returncode} of {' '.join(command)}")
    return time.perf_counter() - began_s, resident_kb / 1024


def check(source: Path) -> tuple[float, float]:
    """The same of `check`, from a file to a file."""
    target = source.with_suffix(".results.csv")
    target.unlink(missing_ok=True)
    try:
        return run([sys.executable, "-m", "validator_svc", "check", str(source), "-o", str(target)])
    finally:
        target.unlink(missing_ok=True)


def readers(source: Path) -> Iterator[tuple[str, list[str]]]:
    """Libraries that read CSV, those that are here."""
    for name, program in READERS.items():
        if importlib.util.find_spec(name) is not None:
            yield name, [sys.executable, "-c", program.format(source)]


def figures(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The median time, and the highest memory."""
    return median(each for each, _ in rounds), max(memory for _, memory in rounds)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--many", type=int, default=10_000_000, help="rows of the file for memory")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, rows, many = (Path(folder) / f"{name}.csv" for name in ("few", "rows", "many"))
        for path, count in ((few, FEW), (rows, arguments.rows), (many, arguments.many)):
            write_rows(path, count)
        taken = [(check(few), check(rows)) for _ in range(arguments.rounds)]
        few_s, _ = figures([each for each, _ in taken])
        rows_s, rows_mb = figures([each for _, each in taken])
        many_s, many_mb = check(many)
        print(f"check, {FEW:,} numbers{few_s:12.2f} s   (goal: 0.50)")
        print(
            f"check, {arguments.rows:,} rows of CSV to CSV{rows_s:8.2f} s, {rows_mb:.0f} MB   (goal: 1.0 s)"
        )
        growth = many_mb - rows_mb
        print(
            f"check, {arguments.many:,} rows{many_s:13.2f} s, {many_mb:.0f} MB: {growth:+.0f} MB for"
            f" {arguments.many / arguments.rows:.0f} times as many (goal: at most {MOST_GROWTH_MB})"
        )
        for name, command in readers(rows):
            reader_s, reader_mb = figures([run(command) for _ in range(arguments.rounds)])
            print(f"{name} reads the {arguments.rows:,} rows alone{reader_s:8.2f} s, {reader_mb:.0f} MB")


if __name__ == "__main__":
    main()
