"""Whether the kernel runs in machine code, and the one command that makes it so.

`python -m validator_svc.commands.machine_code` says so on stderr where it does not.
"""

import importlib.metadata
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from validator_svc.kernel import HAS_NATIVE, LEFT_OUT

COMPILERS = ("c++", "g++", "clang++")
CLONE = Path(__file__).parent.parent.parent


def notice() -> str | None:
    """What to say and to type where there is no machine code that nobody left out; None where all is well."""
    if HAS_NATIVE or os.environ.get(LEFT_OUT):
        return None
    return f"plain Python, some thirty times slower than machine code; to have that: {command()}"


def command() -> str:
    """What builds the machine code here, and before that gets a compiler where there is none."""
    if (CLONE / "Makefile").is_file():
        build = "make native"
    else:
        version = importlib.metadata.version("validator-svc")
        # The source, which is compiled as it is installed.
        build = f"pip install --force-reinstall --no-deps validator_svc-{version}.tar.gz"
    return build if can_compile() else f"apt-get install -y g++ python3-dev && {build}"


def can_compile() -> bool:
    """Whether there are a compiler for C++ and Python's headers."""
    has_headers = (Path(sysconfig.get_path("include")) / "Python.h").is_file()
    return has_headers and any(shutil.which(each) for each in COMPILERS)


if __name__ == "__main__":
    told = notice()
    if told:
        print(f"validator-svc: {told}", file=sys.stderr)
