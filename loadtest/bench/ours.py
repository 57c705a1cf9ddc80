"""The compiled plan as a contestant (see `rounds`): lines of a corpus to complete `analysis` records.

Arguments: the corpus, how many lines it has, where compiled plans are kept between runs, which loop
over lines to use, `native` or `python`, and perhaps a region in which numbers without `+` are dialled.
Before it is ready it says how fast the first pass with empty tables was (numbers/s), and after it how
much memory is resident at most (MB).
"""

import re
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from loadtest.bench.rounds import answer_rounds
from validator_svc.collecting import spare_what_is_loaded
from validator_svc.numbering.plan import Kind, Plan

CHUNK = 8 * 1024


def chunks(corpus: Path) -> Iterator[str]:
    """The corpus in pieces of whole lines."""
    with corpus.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield (chunk + file.readline()).decode()


def compile_all(cache_directory: Path) -> None:
    """Leave compiled plans, as any run before this one does."""
    plan = Plan(cache_directory=cache_directory)
    plan.complete()
    plan.keep()


def highest_resident_mb() -> float:
    """From /proc: what getrusage says may still be the parent's, from before the program was loaded."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def main() -> None:
    corpus, count, cache_directory = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    loop, region_code = sys.argv[4], (*sys.argv[5:], None)[0]
    kind = Kind("analysis", region_code)
    spare_what_is_loaded()
    # In a process of its own, for the memory that it takes is not what is measured here.
    earlier_run = get_context("spawn").Process(target=compile_all, args=(cache_directory,))
    earlier_run.start()
    earlier_run.join()
    began_s = time.perf_counter()
    plan = Plan(cache_directory=cache_directory, native=loop == "native")

    def classify() -> None:
        for chunk in chunks(corpus):
            plan.chunk(chunk, kind)

    classify()
    print(count / (time.perf_counter() - began_s))
    print(highest_resident_mb())
    answer_rounds(count, classify)


if __name__ == "__main__":
    main()
