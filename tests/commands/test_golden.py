"""What stands on a terminal, against files that were read by people; UPDATE_GOLDEN=1 writes them anew."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.batches.conftest import store
from tests.screen import Screen
from tests.service import START_S, Service, command, environment
from tests.store import Store
from tests.terminal import coloured, read_to_end, screen_of

__all__ = ["store"]

ROOT = Path(__file__).parent.parent.parent
GOLDEN = Path(__file__).parent / "golden"
TERMINALS = [(columns, colour) for columns in (80, 120) for colour in (False, True)]
# What differs from run to run, in the same width.
VARIES = (
    (re.compile(r"in \d+\.\d s \([\d,]+ numbers/s\)"), "in 0.0 s (N numbers/s)"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "00000000-0000-0000-0000-000000000000"),
)
at_terminals = pytest.mark.parametrize(
    ("columns", "colour"), TERMINALS, ids=[f"{n}{'-colour' * c}" for n, c in TERMINALS]
)


def is_golden(name: str, columns: int, colour: bool, screen: Screen) -> None:
    """Hold a screen against its file."""
    text = screen.text(with_styles=colour)
    for varies, stands in VARIES:
        text = varies.sub(stands, text)
    path = GOLDEN / f"{name}-{columns}{'-colour' if colour else ''}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
    assert colour or "\x1b" not in text


@at_terminals
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lookup-one", ["lookup", "+62 812-3456-7000"]),
        ("lookup", ["lookup", "+62 812-3456-7000", "+1 212 555 1234", "+33 12", "6.28123E+11"]),
        ("check", ["check", "docs/contacts.csv", "--country", "ID"]),
    ],
)
def test_what_a_command_shows(
    name: str, arguments: list[str], columns: int, colour: bool, tmp_path: Path
) -> None:
    screen = screen_of(command(*arguments), environment(tmp_path), columns, ROOT, colour)
    is_golden(name, columns, colour, screen)


@at_terminals
def test_what_submit_shows(columns: int, colour: bool, service: Service, tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "contacts.csv", tmp_path)
    env = environment(tmp_path, VALIDATOR_SERVER=service.url, PYTHONPATH=str(ROOT))
    run = command("submit", "contacts.csv", "--type", "format", "--country", "ID")
    is_golden("submit", columns, colour, screen_of(run, env, columns, tmp_path, colour))


class Watching(NamedTuple):
    """A `watch` at a terminal of its own."""

    process: "subprocess.Popen[bytes]"
    reader: threading.Thread
    written: list[str]
    folder: Path

    def until(self, condition: Callable[[], object]) -> None:
        deadline_s = time.monotonic() + START_S
        while not condition():
            assert self.process.poll() is None, self.written
            assert time.monotonic() < deadline_s, self.written
            time.sleep(0.02)


def watching(tmp_path: Path, store: Store, columns: int, colour: bool) -> Watching:
    """Start it in a folder of its own, all over one store."""
    folder = tmp_path / f"{columns}{colour}"
    folder.mkdir()
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    env = coloured(environment(tmp_path, REDIS_URL=store.url, PYTHONPATH=str(ROOT)), colour)
    process = subprocess.Popen(
        command("watch", "drop"), env=env, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written: list[str] = []

    def read() -> None:
        written.append(read_to_end(ours))
        os.close(ours)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return Watching(process, reader, written, folder)


def test_what_watch_shows(store: Store, tmp_path: Path) -> None:
    """On terminals of every kind, each with a folder of its own, at the same time."""
    all_of_them = [(watching(tmp_path, store, *terminal), *terminal) for terminal in TERMINALS]
    try:
        for each, *_ in all_of_them:
            drop = each.folder / "drop"
            each.until((drop / "failed").exists)
            (drop / "dropbox.toml").write_text('type = "format"\ncountry = "ID"\n')
            shutil.copy(ROOT / "docs" / "contacts.csv", drop / "inbox")
            each.until((drop / "done" / "contacts.csv").exists)
            (drop / "inbox" / "letter.csv").write_text("to,subject\nAnna,Hello\n")
            each.until((drop / "failed" / "letter.csv").exists)
        for each, columns, colour in all_of_them:
            each.process.send_signal(signal.SIGINT)
            assert each.process.wait(START_S) == 0
            each.reader.join(START_S)
            screen = Screen(columns)
            screen.write(each.written[0])
            is_golden("watch", columns, colour, screen)
    finally:
        for each, *_ in all_of_them:
            each.process.kill()
            each.process.wait()


HELP = """
import typer
from validator_svc.cli import app

def show(command, path):
    print(f"$ {' '.join(path)} --help", flush=True)
    app([*path[1:], "--help"], prog_name="validator-svc", standalone_mode=False)
    for name, each in getattr(command, "commands", {}).items():
        print()
        show(each, [*path, name])

show(typer.main.get_command(app), ["validator-svc"])
"""


def test_the_document_has_every_help_as_it_is(tmp_path: Path) -> None:
    path = ROOT / "docs" / "command-line.md"
    narrow, wide = (coloured(environment(tmp_path, COLUMNS=columns), True) for columns in ("80", "120"))
    run = [sys.executable, "-c", HELP]
    shown = subprocess.check_output(run, env=narrow, text=True)
    assert subprocess.check_output(run, env=wide, text=True) == shown
    parts = [part.strip() for part in re.split(r"^(?=\$ )", shown, flags=re.MULTILINE) if part]
    blocks = "\n".join(f"```console\n{part}\n```\n" for part in parts)
    before, heading, _ = path.read_text("utf-8").partition("## Every command\n\n")
    assert heading
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(before + heading + blocks)
    assert path.read_text("utf-8") == before + heading + blocks


@at_terminals
def test_help_is_the_same_on_every_terminal(columns: int, colour: bool, tmp_path: Path) -> None:
    screen = screen_of(command("check", "-h"), environment(tmp_path), columns, colour=colour)
    assert screen.text(with_styles=True) in (ROOT / "docs" / "command-line.md").read_text("utf-8")
