"""What the benchmarks of classifying share: their arguments, and the corpus in a file."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtest.bench.corpus import numbers


@dataclass(frozen=True)
class Run:
    """What to measure with."""

    corpus: Path
    """A number a line, in a folder that goes with the run."""
    count: int
    seed: int
    rounds: int


@contextmanager
def run_of_arguments(description: str | None) -> Iterator[Run]:
    """The run that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="numbers in the corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        corpus = Path(directory) / "corpus.txt"
        with corpus.open("w") as file:
            file.writelines(f"{text}\n" for text in numbers(arguments.count, arguments.seed))
        yield Run(corpus, arguments.count, arguments.seed, arguments.rounds)
