"""The highest memory of a command and of what it starts."""

import subprocess
import sys
from pathlib import Path

from tests.service import command, environment

# Started from a small process, as the peak of a process is at least that of the one that it was started from.
PEAK_KB = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def with_peak_kb(cwd: Path, *arguments: str) -> tuple["subprocess.CompletedProcess[bytes]", int]:
    """Run a command of ours; returns it, with its stderr, and its peak in kB."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", PEAK_KB, *command(*arguments)],
        cwd=cwd,
        env=environment(cwd / "data"),
        capture_output=True,
        check=False,
    )
    return done, int(done.stdout)
