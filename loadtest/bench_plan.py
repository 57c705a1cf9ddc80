"""How fast is the compiled plan, beside every libphonenumber? One core, one corpus, alternating rounds.

    make bench          # installs the peers it can, then runs this
    python -m loadtest.bench_plan --count 1000000 --rounds 5

Ours are complete `analysis` records as NDJSON bytes, by the loop in machine code and by the one in plain
Python, for those who install without a compiler; the peers' numbers are parsed, tested for
validity, and given region, both formats and type (and carrier, where the library knows any), but
not written anywhere: an advantage that they are given. Slower peers do fewer lines of the corpus a
round, which are as mixed as the rest. Figures are medians; a peer that is not installed is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from loadtest.bench.corpus import share_of_valid
from loadtest.bench.peers.python import CACHED
from loadtest.bench.rounds import Contestant
from loadtest.bench.run import Run, run_of_arguments
from validator_svc.kernel import HAS_NATIVE

PEERS = Path(__file__).parent / "bench" / "peers"
BUILT = Path(__file__).parent.parent / "build" / "bench"
"""Where `make bench` installs the libraries for Node, and this builds the program for C++."""
PYTHON = [sys.executable, "-m"]
OURS = {"native": "ours, in machine code", "python": "ours, in plain Python"}
REGION = "GB"
"""Where the corpus is read once more as dialled there, and as international if that fails."""

# Lines a round: some seconds of each.
LINES = {
    "C++ libphonenumber": 100_000,
    "libphonenumber-js/max": 100_000,
    "google-libphonenumber": 20_000,
    "rphonenumbers": 100_000,
    CACHED: 40_000,
    "phonenumbers": 6_000,
}
GOALS = {"C++ libphonenumber": 30, "libphonenumber-js/max": 18, CACHED: 60, "phonenumbers": 500}


class NotInstalledError(Exception):
    """Why a peer cannot take part."""


def cpp(_: str) -> list[str]:
    """Compiles the C++ program. Raises NotInstalledError."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise NotInstalledError("no C++ compiler")
    BUILT.mkdir(parents=True, exist_ok=True)
    program = BUILT / "libphonenumber"
    source = PEERS / "libphonenumber.cc"
    command = [compiler, "-O2", "-o", str(program), str(source), "-lphonenumber"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise NotInstalledError("it does not compile; Debian has what is needed in libphonenumber-dev")
    return [str(program)]


def javascript(name: str) -> list[str]:
    """Raises NotInstalledError."""
    node = shutil.which("node")
    if node is None or not (BUILT / "node_modules" / name.removesuffix("/max")).exists():
        raise NotInstalledError("no Node, or not installed; `make bench` does that")
    return [node, str(PEERS / "javascript.mjs"), name, str(BUILT)]


def python(name: str) -> list[str]:
    """Raises NotInstalledError."""
    if subprocess.run([sys.executable, "-c", f"import {name.partition(',')[0]}"], check=False).returncode:
        raise NotInstalledError("not installed; `make bench` does that")
    return [*PYTHON, "loadtest.bench.peers.python", name]


def peers(corpus: Path, core: int) -> Iterator[Contestant]:
    """Those that are installed; says which are not."""
    for name, lines in LINES.items():
        find = cpp if name.startswith("C++") else javascript if "libphonenumber" in name else python
        try:
            yield Contestant(name, [*find(name), str(corpus), str(lines)], core)
        except NotInstalledError as error:
            print(f"{name}: skipped, {error}")


def ours(run: Run, core: int, loop: str, *region: str) -> tuple[Contestant, float, float]:
    """Ready for its rounds; with the median of its first passes (numbers/s) and its memory (MB)."""
    command = [*PYTHON, "loadtest.bench.ours", str(run.corpus), str(run.count), loop, *region]
    name = ", read in ".join((OURS[loop], *region))
    firsts: list[float] = []
    while True:
        contestant = Contestant(name, command, core)
        first, memory = map(float, contestant.wait_until_ready())
        firsts.append(first)
        if len(firsts) == run.rounds:
            return contestant, median(firsts), memory
        contestant.end()


def measure(run: Run) -> None:
    """All rounds, then the figures."""
    core = max(os.sched_getaffinity(0))
    loops = ["native", "python"] if HAS_NATIVE else ["python"]
    own = [ours(run, core, loop) for loop in loops]
    regional = [ours(run, core, loop, REGION) for loop in loops]
    others = list(peers(run.corpus, core))
    for peer in others:
        peer.wait_until_ready()
    contestants = [*(contestant for contestant, _, _ in (*own, *regional)), *others]
    for _ in range(run.rounds):
        for each in contestants:
            each.round()
    for each in contestants:
        each.end()
    for contestant, first, memory in (*own, *regional):
        report(contestant, first, memory)
    for peer in others:
        compare(peer, [contestant for contestant, _, _ in own])


def report(contestant: Contestant, first: float, memory: float) -> None:
    """One of ours."""
    warm = median(contestant.figures)
    print(f"{contestant.name:36}{warm:12,.0f}/s   {spread(contestant.figures)}")
    print(f"{'    first pass':36}{first:12,.0f}/s   {first / warm:.2f} of warm (goal: 0.80)")
    print(f"{'    memory':36}{memory:12,.0f} MB  (goal: under 120)")


def compare(peer: Contestant, own: Sequence[Contestant]) -> None:
    """One of the others, and how many times faster we are."""
    figure = median(peer.figures)
    times = " and ".join(f"{median(each.figures) / figure:,.1f}" for each in own)
    goal = f" (goal: {GOALS[peer.name]})" if peer.name in GOALS else ""
    print(f"{peer.name:36}{figure:12,.0f}/s   {spread(peer.figures)}; ours are {times} times that{goal}")


def spread(figures: Sequence[float]) -> str:
    return f"{min(figures):,.0f} to {max(figures):,.0f}"


def main() -> None:
    with run_of_arguments(__doc__) as run, run.corpus.open() as file:
        valid = share_of_valid([line.rstrip("\n") for line in islice(file, 20_000)])
        print(f"{run.count:,} numbers, seed {run.seed}, {valid:.1%} of them valid")
        measure(run)


if __name__ == "__main__":
    main()
