"""A command at a terminal: a pseudo-terminal on stdin and stderr, and somebody who types."""

import os
import pty
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import NamedTuple

from tests.screen import Screen

# Becomes the command with the terminal on stderr as its controlling one, which a shell sees to for people.
AT_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Session(NamedTuple):
    """What came of a command."""

    status: int
    output: bytes
    """Of stdout, which is no terminal."""
    seen: str
    """What stood on the terminal."""


def at_terminal(
    command: list[str],
    env: dict[str, str],
    typed: bytes = b"",
    after: bytes = b"[y/N]",
    stdin: bytes | None = None,
) -> Session:
    """Run the command; type as soon as `after` stands on the terminal.

    `stdin`: sent through a pipe in the terminal's place.
    """
    ours, theirs = pty.openpty()
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            [sys.executable, "-c", AT_TERMINAL, *command],
            env=env,
            stdin=theirs if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=theirs,
        ) as process,
    ):
        os.close(theirs)
        if stdin is not None:
            assert process.stdin
            process.stdin.write(stdin)
            process.stdin.close()
        seen, is_typed = b"", not typed
        try:
            while piece := os.read(ours, 65_536):
                seen += piece
                if not is_typed and after in seen:
                    is_typed = True
                    os.write(ours, typed)
        except OSError:
            # Linux reports a terminal whose other side is closed as an error.
            pass
        status = process.wait(60)
        os.close(ours)
        output.seek(0)
        return Session(status, output.read(), seen.decode())


def screen_of(
    command: list[str], env: dict[str, str], columns: int, cwd: Path | None = None, colour: bool = False
) -> Screen:
    """What stands in the end on a terminal on which the command ran; it must end well."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    process = subprocess.Popen(
        [sys.executable, "-c", AT_TERMINAL, *command],
        env=coloured(env, colour),
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    screen = Screen(columns)
    screen.write(read_to_end(ours))
    # Before the terminal is let go of: a program that has closed its side, and still runs, is hung up on.
    status = process.wait(60)
    os.close(ours)
    assert status == 0, screen.text()
    return screen


def coloured(env: dict[str, str], colour: bool) -> dict[str, str]:
    """The environment of a terminal that has colours, where nobody, or somebody, wants none."""
    kept = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES", "COLORTERM")}
    return kept | {"TERM": "xterm-256color"} | ({} if colour else {"NO_COLOR": "1"})


def read_to_end(terminal: int) -> str:
    """All that is written to a terminal until nobody has its other side any more."""
    seen = b""
    try:
        while piece := os.read(terminal, 65_536):
            seen += piece
    except OSError:
        # Linux reports a terminal whose other side is closed as an error.
        pass
    return seen.decode().replace("\r\n", "\n\r")
