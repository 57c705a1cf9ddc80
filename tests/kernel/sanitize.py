"""Builds the fuzzer of the kernel in C++ with the compiler's sanitizers, and runs it.

make sanitize
python -m tests.kernel.sanitize --seconds 60 --seed 1
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from validator_svc.kernel.plan_store import current_plan
from validator_svc.numbering import facts

HERE = Path(__file__).parent
KERNEL = HERE.parent.parent / "validator_svc" / "kernel"
MEMORY = "address,undefined"
RACES = "thread"
STRICT = ["-std=c++17", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-fno-sanitize-recover=all"]
THREADS = 4


def compiler() -> str | None:
    """A compiler for C++, if there is one."""
    return shutil.which(os.environ.get("CXX", "g++")) or shutil.which("clang++")


def is_possible(directory: Path, sanitizers: str = MEMORY) -> bool:
    """Whether there is a compiler for C++ that has the sanitizers."""
    source = directory / "nothing.cc"
    source.write_text("int main() {}")
    name = compiler()
    command = [name or "", *STRICT, f"-fsanitize={sanitizers}", "-o", str(directory / "nothing"), str(source)]
    return name is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def build(program: Path, sanitizers: str = MEMORY) -> None:
    """Compile the fuzzer. Raises CalledProcessError."""
    command = [
        compiler() or "c++",
        *STRICT,
        f"-fsanitize={sanitizers}",
        f"-I{KERNEL}",
        "-o",
        str(program),
        str(HERE / "fuzz.cc"),
    ]
    subprocess.run(command, check=True)


def run(
    program: Path, directory: Path, seed: int, seconds: int, threads: int = 1
) -> subprocess.CompletedProcess[str]:
    """Run the fuzzer on the plan of the installed versions. Raises ImportError without the machine code."""
    from validator_svc.kernel.native_kernel import REASONS

    plan = current_plan()
    file = directory / "plan.bin"
    file.write_bytes(plan.buffer[:])
    reasons = ",".join(str(facts.REASONS.index(reason)) for reason in REASONS)
    numbers = (len(plan.records), len(facts.REASONS), reasons, seed, seconds, threads)
    return subprocess.run([program, file, *map(str, numbers)], capture_output=True, text=True, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "fuzz"
        for sanitizers, threads in ((MEMORY, 1), (RACES, THREADS)):
            build(program, sanitizers)
            done = run(program, Path(directory), arguments.seed, arguments.seconds // 2, threads)
            print(f"{sanitizers}: {done.stdout}{done.stderr}")
            if done.returncode:
                sys.exit(done.returncode)


if __name__ == "__main__":
    main()
