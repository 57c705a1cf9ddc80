"""Waiting for a condition, in place of sleeping for a time."""

import asyncio
import time
from collections.abc import Callable

# Long enough for a machine that does many other things: who waits for a condition loses nothing by it.
PATIENCE_S = 120.0


async def wait_until(condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Return as soon as the condition holds; fail when it does not within the time."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, "what was waited for did not come"
        await asyncio.sleep(0.01)
