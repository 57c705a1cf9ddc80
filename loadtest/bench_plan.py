"""How fast is the compiled plan, beside every libphonenumber? One core, one corpus, alternating rounds.

    make bench          # installs the peers it can, then runs this
    python -m loadtest.bench_plan --count 1000000 --rounds 5

Ours are complete `analysis` records as NDJSON bytes; the peers' numbers are parsed, tested for
validity, and given region, both formats and type (and carrier, where the library knows any), but
not written anywhere: an advantage that they are given. Slower peers do fewer lines of the corpus a
round, which are as mixed as the rest. Figures are medians; a peer that is not installed is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from loadtest.bench.corpus import share_of_valid
from loadtest.bench.peers.python import CACHED
from loadtest.bench.rounds import Contestant
from loadtest.bench.run import Run, run_of_arguments

PEERS = Path(__file__).parent / "bench" / "peers"
BUILT = Path(__file__).parent.parent / "build" / "bench"
"""Where `make bench` installs the libraries for Node, and this builds the program for C++."""
PYTHON = [sys.executable, "-m"]

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


def measure(run: Run) -> None:
    """All rounds, then the figures."""
    core = max(os.sched_getaffinity(0))
    cache = run.corpus.parent / "plan"
    command = [*PYTHON, "loadtest.bench.ours", str(run.corpus), str(run.count), str(cache)]
    firsts: list[float] = []
    for _ in range(run.rounds):
        ours = Contestant("ours", command, core)
        first, memory = map(float, ours.wait_until_ready())
        firsts.append(first)
        if len(firsts) < run.rounds:
            ours.end()
    contestants = [ours]
    for peer in peers(run.corpus, core):
        peer.wait_until_ready()
        contestants.append(peer)
    for _ in range(run.rounds):
        for each in contestants:
            each.round()
    for each in contestants:
        each.end()
    report(contestants, median(firsts), memory)


def report(contestants: list[Contestant], first: float, memory: float) -> None:
    """Medians, and how many times faster we are."""
    ours, *others = contestants
    warm = median(ours.figures)
    spread = f"{min(ours.figures):,.0f} to {max(ours.figures):,.0f}"
    print(f"{'ours, warm tables':32}{warm:12,.0f}/s   ({spread})")
    print(f"{'ours, first pass':32}{first:12,.0f}/s   {first / warm:.2f} of warm (goal: 0.50)")
    print(f"{'ours, memory':32}{memory:12,.0f} MB  (goal: under 120)")
    for each in others:
        figure = median(each.figures)
        goal = f"   (goal: {GOALS[each.name]})" if each.name in GOALS else ""
        print(f"{each.name:32}{figure:12,.0f}/s   ours is {warm / figure:,.1f} times that{goal}")


def main() -> None:
    with run_of_arguments(__doc__) as run, run.corpus.open() as file:
        valid = share_of_valid([line.rstrip("\n") for line in islice(file, 20_000)])
        print(f"{run.count:,} numbers, seed {run.seed}, {valid:.1%} of them valid")
        measure(run)


if __name__ == "__main__":
    main()
