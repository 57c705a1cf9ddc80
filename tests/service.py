"""The service as its users start it: a process of its own, on a free port, with its own data directory."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson

# What no line of a log may hold: whole numbers, and keys.
LEAKS = re.compile(rb"\+[0-9]{9,15}|6281234567000|vs_[0-9a-f]{12}_[\w-]{8}|[?&]appid=\w")
# Long enough for a machine that does many other things.
START_S = 120

RUNNING: "dict[str, subprocess.Popen[bytes]]" = {}
"""Services by the URL where they listen; of one that has ended another program may have the port."""


class Service:
    """A running `validator-svc serve`. `log` collects what it writes to stderr."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.url = ""
        self.log: list[bytes] = []
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line)
            with contextlib.suppress(orjson.JSONDecodeError):
                event = orjson.loads(line)
                if event.get("event") == "listening":
                    self.url = event["url"]
                    RUNNING[self.url] = self.process
                    self._listening.set()
        self._listening.set()

    def wait_until_listening(self) -> None:
        assert self._listening.wait(START_S), "the service does not start"
        assert self.url, b"".join(self.log).decode()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident_kb(self, what: str = "VmRSS") -> int:
        """Resident memory now (`VmRSS`) or at its highest (`VmHWM`), in kB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(rf"{what}:\s+(\d+) kB", status)
        assert match
        return int(match[1])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait; returns the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        status = self.process.wait(START_S)
        self._reader.join(START_S)
        if self.process.stdin:
            self.process.stdin.close()
        assert self.process.stderr
        self.process.stderr.close()
        assert not [line for line in self.log if LEAKS.search(line)]
        return status


def lasting_port() -> int:
    """A free port that stays free between two services: none of those that the kernel hands out."""
    while True:
        port = random.randint(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def valkeys(data_dir: Path) -> list[int]:
    """The process ids of the Valkey servers of a data directory."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                working = (process / "cwd").readlink()
                name = (process / "comm").read_text()
            except OSError:
                continue
            if working == data_dir.resolve() / "valkey" and "valkey" in name:
                found.append(int(process.name))
    return found


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "validator_svc", *arguments]


def ran(
    data_dir: Path, *arguments: str, typed: str | None = None, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; whatever its status, it never shows a traceback."""
    done = subprocess.run(
        command(*arguments),
        env=environment(data_dir, **settings),
        input=typed,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """A clean environment: no setting of the machine leaks into a test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VALIDATOR_", "REDIS_"))}
    return kept | {"VALIDATOR_DATA_DIR": str(data_dir), "VALIDATOR_PORT": "0"} | settings


def start(data_dir: Path, **settings: str) -> Service:
    """Start a service and return at once; `wait_until_listening` tells when it is up."""
    process = subprocess.Popen(
        command("serve"),
        env=environment(data_dir, **settings),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    return Service(process)


def started(arguments: list[str], cwd: Path, **settings: str) -> "subprocess.Popen[bytes]":
    """Start any command, in a process group of its own; its stdin stays open, its stderr is to be read."""
    return subprocess.Popen(
        command(*arguments),
        env=environment(cwd / "data", **settings),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextlib.contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Service]:
    """A service that is up, and ends with the block."""
    service = start(data_dir, **settings)
    try:
        service.wait_until_listening()
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()
