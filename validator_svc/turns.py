"""Turns: of all that is worked in slices on the event loop, one slice runs in each of its rounds.

A request of few microseconds takes some rounds of the loop. Where every one of many long answers had a slice
in each, it would wait for all of them, again and again. So it is with threads that work in Python: each of
them keeps the interpreter from the loop for as long as one does, and only one runs at any moment.
"""

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakKeyDictionary

Result = TypeVar("Result")

ONE_AT_A_TIME = threading.Lock()
"""To be held by a thread while it works in Python for long."""
_ALONE = ThreadPoolExecutor(1, "alone")


class Turns:
    """Those who wait for a turn, in the order in which they came; one for an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_due = False

    async def wait(self) -> None:
        """Return when it is one's turn."""
        turn = self._loop.create_future()
        self._waiting.append(turn)
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._give)
        await turn

    def _give(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            # Who waited for it may have been canceled.
            if not turn.done():
                turn.set_result(None)
                break
        self._is_due = bool(self._waiting)
        if self._is_due:
            self._loop.call_soon(self._give)


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


async def next_turn() -> None:
    """Let others go on; to be awaited before each slice of work that holds the event loop."""
    loop = asyncio.get_running_loop()
    turns = _TURNS.get(loop)
    if turns is None:
        turns = _TURNS[loop] = Turns(loop)
    await turns.wait()


async def alone(work: Callable[[], Result]) -> Result:
    """Run in a thread what works in Python for long, one after the other, in the order in which it came."""
    context = contextvars.copy_context()

    def run() -> Result:
        with ONE_AT_A_TIME:
            return context.run(work)

    return await asyncio.get_running_loop().run_in_executor(_ALONE, run)
