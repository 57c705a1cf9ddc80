"""Ending background tasks for certain."""

import asyncio
from collections.abc import Iterable

AGAIN_S = 0.5


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended.

    A cancellation can get lost where a library turns it into a time-out of its own; it is repeated
    until it is heard.
    """
    tasks = list(tasks)
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
    # What broke a task is told where it is awaited; asyncio would log it once more otherwise.
    await asyncio.gather(*tasks, return_exceptions=True)
