"""What `check` takes as a whole process: time, and memory that must not grow with the file.

    python -m loadtest.bench_check --rows 1000000 --many 10000000 --rounds 5

Rows of CSV (six columns, quotes and line breaks in their cells) to CSV, from a file to a file; and a thousand
numbers, of which most is the start. Each process has one core. Where polars or pyarrow is installed it
reads the same file in a process of its own, and does nothing else with it.
"""

import argparse
import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from loadtest.bench.corpus import numbers
from loadtest.bench_kernel import as_csv
from tests.memory import highest_kb

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


class Taken(NamedTuple):
    """What a process took."""

    wall_s: float
    cpu_s: float
    resident_mb: float
    """At most."""


def run(command: Sequence[str]) -> Taken:
    """Run a process to its end. Raises RuntimeError."""
    began_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
    resident_kb = 0
    while True:
        with contextlib.suppress(ProcessLookupError):
            resident_kb = highest_kb(process.pid)
        process_id, status, used = os.wait4(process.pid, os.WNOHANG)
        if process_id:
            break
        time.sleep(LOOKED_AT_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"status {process.returncode} of {' '.join(command)}")
    return Taken(time.perf_counter() - began_s, used.ru_utime + used.ru_stime, resident_kb / 1024)


def check(source: Path) -> Taken:
    """What `check` takes, from a file to a file."""
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


def typical(rounds: Sequence[Taken]) -> Taken:
    """The median times, and the highest memory."""
    walls, cpus, memories = zip(*rounds, strict=True)
    return Taken(median(walls), median(cpus), max(memories))


def show(what: str, taken: Taken, goal: str = "") -> None:
    print(
        f"{what:40}{taken.wall_s:8.2f} s, {taken.cpu_s:6.2f} s of CPU, {taken.resident_mb:4.0f} MB   {goal}"
    )


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
        of_rows = typical([each for _, each in taken])
        show(f"check, {FEW:,} numbers", typical([each for each, _ in taken]), "(goal: 0.50 s)")
        show(f"check, {arguments.rows:,} rows of CSV", of_rows, "(goal: 1.00 s)")
        of_many = check(many)
        growth = f"({of_many.resident_mb - of_rows.resident_mb:+.0f} MB; goal: at most {MOST_GROWTH_MB})"
        show(f"check, {arguments.many:,} rows", of_many, growth)
        for name, command in readers(rows):
            show(f"{name} reads the {arguments.rows:,} alone", typical([run(command) for _ in taken]))


if __name__ == "__main__":
    main()
