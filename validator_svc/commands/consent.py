"""The question before money is spent, to whoever sits at the terminal."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

CONTROLLING_TERMINAL = Path("/dev/tty")
YES = ("y", "yes")


def somebody_is_there() -> bool:
    """Whether a terminal is at hand to ask at."""
    with terminal() as found:
        return found is not None


def agreed(question: str) -> bool:
    """Ask, and wait for the answer: only `y` or `yes` is one. To be asked only where somebody is there."""
    with terminal() as found:
        if found is None:
            return False
        ask, answer = found
        print(f"{question} [y/N] ", end="", file=ask, flush=True)
        line = answer.readline()
        if not line:
            print(file=ask)
        return line.strip().lower() in YES


@contextlib.contextmanager
def terminal() -> Iterator[tuple[TextIO, TextIO] | None]:
    """Where to ask, and where the answer comes from; None where no terminal is.

    A program whose stdin and stderr both go elsewhere was not started by somebody who waits for a
    question. Where only one of them does, the terminal itself stands in for it.
    """
    ask = sys.stderr if is_terminal(sys.stderr) else None
    answer = sys.stdin if is_terminal(sys.stdin) else None
    if ask is None and answer is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            ask = ask or stack.enter_context(CONTROLLING_TERMINAL.open("w"))
            answer = answer or stack.enter_context(CONTROLLING_TERMINAL.open())
        except OSError:
            yield None
            return
        yield ask, answer


def is_terminal(stream: TextIO | None) -> bool:
    """Whether it is one; Python has None for a stream that was closed."""
    return stream is not None and stream.isatty()
