"""The compiled plan as a contestant (see `rounds`): lines of a corpus to complete `analysis` records.

Arguments: the corpus, how many lines it has, and where compiled plans are kept between runs. Before
it is ready it says how fast the first pass with empty tables was (numbers/s), and after it how much
memory is resident at most (MB).
"""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from loadtest.bench.rounds import answer_rounds
from validator_svc.collecting import collect_seldom
from validator_svc.numbering.plan import Kind, Plan

CHUNK = 16 * 1024


def chunks(corpus: Path) -> Iterator[str]:
    """The corpus in pieces of whole lines."""
    with corpus.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield (chunk + file.readline()).decode()


def main() -> None:
    corpus, count, cache_directory = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    kind = Kind("analysis")
    collect_seldom()
    # A run before this one has left the compiled plans.
    earlier = Plan(cache_directory=cache_directory)
    earlier.complete()
    earlier.keep()
    del earlier
    began_s = time.perf_counter()
    plan = Plan(cache_directory=cache_directory)

    def classify() -> None:
        for chunk in chunks(corpus):
            plan.chunk(chunk, kind)

    classify()
    print(count / (time.perf_counter() - began_s))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    answer_rounds(count, classify)


if __name__ == "__main__":
    main()
