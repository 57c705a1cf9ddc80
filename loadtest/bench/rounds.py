"""How a benchmark and those it compares speak: each is a process that answers one line with one round.

It loads its corpus, warms up, prints `ready`; for each line on its standard input it works through
the corpus once and prints how many numbers a second that were; it ends with its input.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

READY = "ready"


def answer_rounds(count: int, work: Callable[[], object]) -> None:
    """Be such a process, one whose `work` goes through `count` numbers."""
    print(READY, flush=True)
    for _ in sys.stdin:
        begin_s = time.perf_counter()
        work()
        print(count / (time.perf_counter() - begin_s), flush=True)


class Contestant:
    """Such a process, seen from the benchmark; it and its children stay on one core."""

    def __init__(self, name: str, command: Sequence[str], core: int) -> None:
        self.name = name
        self.figures: list[float] = []
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509  # no threads here
        )

    def wait_until_ready(self) -> list[str]:
        """What it prints before `ready`. Raises RuntimeError when it ends instead."""
        assert self.process.stdout is not None
        said: list[str] = []
        for line in self.process.stdout:
            if line.rstrip() == READY:
                return said
            said.append(line.rstrip())
        raise RuntimeError(f"{self.name} ended with status {self.process.wait()}")

    def round(self) -> None:
        """One round."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.figures.append(float(self.process.stdout.readline()))

    def end(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
