"""A command at a terminal: a pseudo-terminal on stdin and stderr, and somebody who types."""

import os
import pty
import subprocess
import sys
import tempfile
from typing import NamedTuple

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
