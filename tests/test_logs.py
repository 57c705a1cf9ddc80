"""The log is for whoever reads it: people at a terminal, programs elsewhere."""

import os
import pty
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.service import START_S, command, environment


def logged(data_dir: Path, on_terminal: bool, **settings: str) -> str:
    """What stands on stderr of a worker that is asked to end as soon as it says that it works."""
    ours, theirs = pty.openpty() if on_terminal else os.pipe()
    env = environment(data_dir, **settings)
    with subprocess.Popen(command("worker"), env=env, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while b"working" not in seen:
            seen += os.read(ours, 65_536)
        process.terminate()
        assert process.wait(START_S) == 0
    os.close(ours)
    return seen.decode()


def test_in_a_pipe_each_line_is_an_object(tmp_path: Path) -> None:
    (line,) = logged(tmp_path, on_terminal=False).splitlines()
    assert orjson.loads(line)["event"] == "working"


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"VALIDATOR_LOG_FORMAT": "text", "NO_COLOR": "1"}])
def test_on_a_terminal_it_is_text_without_colour_where_none_is_wanted(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    seen = logged(tmp_path, on_terminal=True, **settings)
    assert " [info     ] working " in seen
    assert "\x1b" not in seen


def test_colours_are_for_terminals(tmp_path: Path) -> None:
    assert "\x1b" in logged(tmp_path, on_terminal=True)
    assert "\x1b" not in logged(tmp_path, on_terminal=False, VALIDATOR_LOG_FORMAT="text")


def test_json_on_a_terminal_where_it_is_asked_for(tmp_path: Path) -> None:
    (line,) = logged(tmp_path, on_terminal=True, VALIDATOR_LOG_FORMAT="json").splitlines()
    assert orjson.loads(line)["event"] == "working"
