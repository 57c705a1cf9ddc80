"""The commands that README and documents show, and what they say comes of them."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.service import START_S, Service, lasting_port
from tests.terminal import screen_of

ROOT = Path(__file__).parent.parent
SHOWN_AT = "http://127.0.0.1:8080"
"""Where documents have the service."""
EMULATOR_PORT = "9090"
# So many that no line that is shown is broken.
COLUMNS = 2_000
# Run until they are stopped.
STAYS = re.compile(
    r"(?:[A-Z_]+=\S* )*(?:validator-svc (?:serve|worker|watch)\b|python -m loadtest\.\w+_emulator)"
)
# Before a command, for it alone.
SETTING = re.compile(r"[A-Z_]+=(?:\$\([^)]*\)|\S*) +")
# What they say once they are up.
UP = re.compile(rb'"event": ?"(?:working|listening)"|listening on')
# Need what a test cannot have: the administrator of the machine, another machine, an engine for containers.
ELSEWHERE = frozenset(["sudo", "docker", "kubectl", "git", "pip", "pipx", "uv", "make", "ssh"])


class Example(NamedTuple):
    """A command and what is shown below it."""

    command: str
    output: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether it can only be read here."""
        return SETTING.sub("", self.command).split()[0] in ELSEWHERE


def examples_of(text: str) -> list[Example]:
    """All commands of a document in their order."""
    found: list[Example] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines(keepends=True)
            length = next(n for n in range(1, len(lines) + 1) if is_whole("".join(lines[:n])))
            found.append(Example("".join(lines[:length]).strip(), "".join(lines[length:])))
    return found


def is_whole(command: str) -> bool:
    """Whether a command ends here: no quote is open, and no backslash says that it goes on."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.rstrip("\n").endswith("\\")


def is_as_shown(seen: str, shown: str) -> bool:
    """Whether an output is as a document has it, where `…` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, seen.strip(), re.DOTALL) is not None


class Reader:
    """Somebody who types what a document says, in a folder of their own beside the clone's docs."""

    def __init__(self, folder: Path, service: Service, env: dict[str, str]) -> None:
        self.folder = folder
        self.service = service
        self.env = env | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "VALIDATOR_SERVER": service.url,
        }
        self.exports = ""
        self.port = str(lasting_port())
        self.staying: list[subprocess.Popen[bytes]] = []
        (folder / "docs").symlink_to(ROOT / "docs")

    def types(self, example: Example) -> None:
        """Run a command; what is shown must come, and without being told otherwise it must do well."""
        typed = example.command.replace(SHOWN_AT, self.service.url).replace(EMULATOR_PORT, self.port)
        if typed.startswith("export "):
            self.exports += f"{typed}\n"
            return
        if STAYS.match(typed):
            self.stays(typed)
            return
        # With a command behind it the shell stays, and who asks which shell it is in finds it.
        run = ["bash", "-o", "pipefail", "-c", f"{self.exports}{typed}\nexit $?"]
        seen = screen_of(run, self.env, COLUMNS, self.folder).text()
        if example.output.strip():
            assert is_as_shown(seen, example.output), f"{typed}\n{seen}"
        else:
            assert '"error": true' not in seen, f"{typed}\n{seen}"

    def stays(self, typed: str) -> None:
        """Run a command in the background until it says that it is up."""
        env = self.env | {"VALIDATOR_PORT": "0"}
        if " serve" in typed:
            # One service at a time uses a data directory.
            env["VALIDATOR_DATA_DIR"] = str(self.folder / "data")
        run = ["bash", "-c", f"{self.exports}exec env {typed}"]
        process = subprocess.Popen(
            run, env=env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.staying.append(process)
        assert process.stdout
        for line in process.stdout:
            if UP.search(line):
                return
        raise AssertionError(f"{typed} ended")

    def leaves(self) -> None:
        """Stop what still runs."""
        for process in self.staying:
            process.terminate()
        for process in self.staying:
            process.communicate(timeout=START_S)
