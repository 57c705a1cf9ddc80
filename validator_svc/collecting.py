"""Garbage collection for bulk work."""

import gc

# Rows are many small lists, all alive for a moment and none in a cycle: with Python's defaults
# (700, 10, 10) looking for cycles among them, and in the numbering plan, takes half of the time.
THRESHOLDS = (100_000, 20, 100)


def collect_seldom() -> None:
    """Look for cycles seldom in this process; what is in no cycle is freed at once, as ever."""
    gc.set_threshold(*THRESHOLDS)
