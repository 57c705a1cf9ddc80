"""How much memory processes have, as the kernel counts it; Linux alone tells."""

import re
from pathlib import Path


def resident_kb(pid: int | str = "self") -> int:
    """What a process has in memory now, in kB. Raises OSError for one that has ended."""
    return figure_kb(pid, "VmRSS")


def highest_kb(pid: int | str = "self") -> int:
    """What it had at its highest, in kB, since its program was loaded. Raises OSError for one that has ended.

    What getrusage says may be the parent's, from before that.
    """
    return figure_kb(pid, "VmHWM")


def figure_kb(pid: int | str, name: str) -> int:
    """A figure of `/proc/PID/status`."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise ProcessLookupError(f"{pid} has no memory any more")
    return int(found[1])


def children_of(pid: int) -> list[int]:
    """The processes that a process started. Raises OSError where it ends meanwhile."""
    paths = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in paths for child in path.read_text().split()]
