"""SIGTERM, SIGINT and SIGHUP, from the first moment of a process to the last."""

import os
import signal
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
DONE = 0
INTERRUPTED = 130


def heeded() -> tuple[signal.Signals, ...]:
    """Those that end a service: not the end of a terminal's session (SIGHUP) where `nohup` has it ignored."""
    outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return SIGNALS[:2] if outlives_terminal else SIGNALS


def end_at_once() -> None:
    """While a command is being imported: end without a word, as there is nothing to put in order."""
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(DONE))
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))


def ends_by_itself() -> None:
    """Once a command is done: let it end with its own status.

    Python gives handlers back to the system before it ends, but not what is ignored.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Stop:
    """Whether a service was asked to end; it heeds that at places where it can.

    Make it before there is anything to put in order. Forks inherit it.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._tell: Callable[[], object] | None = None
        for number in heeded():
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.is_asked = True
        if self._tell is not None:
            self._tell()

    async def wait(self) -> None:
        """Return once it was asked, be it before."""
        # Only here: the command imports this first of all.
        import asyncio

        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._tell = lambda: loop.call_soon_threadsafe(asked.set)
        try:
            if not self.is_asked:
                await asked.wait()
        finally:
            self._tell = None
