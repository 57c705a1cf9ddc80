"""The kernel as a contestant (see `rounds`): lines of a corpus to complete `analysis` records.

Arguments: the corpus, how many lines it has, which kernel to use, `native` or `python`, and perhaps a
region in which numbers without `+` are dialled. Before it is ready it says how fast the first pass was,
opening the plan and all (numbers/s), and after it how much memory is resident at most (MB).
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from loadtest.bench.rounds import answer_rounds
from tests.memory import highest_kb
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.kernel import new_kernel
from validator_svc.kernel.interface import Kind
from validator_svc.kernel.plan_store import current_plan
from validator_svc.kernel.python import PythonKernel

BLOCK = 32 * 1024
"""As `/v1/stream` takes them: their records stay in the processor's cache."""


def blocks(corpus: Path) -> Iterator[bytes]:
    """The corpus in blocks of whole lines."""
    with corpus.open("rb") as file:
        while block := file.read(BLOCK):
            yield block + file.readline()


def main() -> None:
    corpus, count = Path(sys.argv[1]), int(sys.argv[2])
    loop, region_code = sys.argv[3], (*sys.argv[4:], None)[0]
    kind = Kind("analysis", region_code)
    spare_what_is_loaded()
    began_s = time.perf_counter()
    plan = current_plan()
    kernel = new_kernel(plan) if loop == "native" else PythonKernel(plan)

    def classify() -> None:
        for block in blocks(corpus):
            kernel.lines(block, kind, None)

    classify()
    print(count / (time.perf_counter() - began_s))
    print(highest_kb() / 1024)
    answer_rounds(count, classify)


if __name__ == "__main__":
    main()
