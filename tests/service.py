"""The service as its users start it: a process of its own, on a free port, with its own data directory."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson

from tests import leaks, memory
from tests.store import kept_at
from validator_svc.embedded import private_socket_path
from validator_svc.kernel import HAS_NATIVE, LEFT_OUT

# Long enough for a machine that does many other things.
START_S = 120
FIGURES_S = 10

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

    def resident_kb(self) -> int:
        """Its memory now, in kB."""
        return memory.resident_kb(self.process.pid)

    def highest_kb(self) -> int:
        """Its memory at its highest, in kB."""
        return memory.highest_kb(self.process.pid)

    def settings(self) -> dict[str, str]:
        """The environment of its process; empty once that has ended."""
        try:
            entries = Path(f"/proc/{self.process.pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return {}
        pairs = (entry.partition(b"=") for entry in entries)
        return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}

    def end(self) -> None:
        """Stop it if it still runs, but look for numbers and keys in its figures and its own store before."""
        if self.process.poll() is not None:
            return
        found: list[object] = []
        try:
            found = self._left_behind()
        finally:
            self.stop()
        assert found == [], found

    def _left_behind(self) -> list[object]:
        """Numbers and keys in its figures and in a store that is its own."""
        settings = self.settings()
        found = leaks.leaks_in(self._figures(settings.get("VALIDATOR_ADMIN_KEY", "")))
        data_dir = settings.get("VALIDATOR_DATA_DIR")
        if data_dir and "REDIS_URL" not in settings:
            socket_path = private_socket_path(Path(data_dir) / "valkey")
            found += leaks.in_store(kept_at(f"unix://{socket_path}"))
        return found

    def _figures(self, admin_key: str) -> bytes:
        """What `/metrics` tells; nothing of a process that cannot be asked."""
        if not self.url:
            return b""
        url = f"{self.url}/metrics".replace("0.0.0.0", "127.0.0.1")
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {admin_key}"})
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            urllib.request.urlopen(request, timeout=FIGURES_S) as answer,
        ):
            text: bytes = answer.read()
            return text
        return b""

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
        lines = leaks.in_log(self.log)
        assert lines == [], lines
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
    assert leaks.secrets_in(done.stderr.encode()) == []
    # A new key is shown once, where it is made; what is set is never shown.
    assert leaks.set_secrets_in(done.stdout.encode()) == []
    return done


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """A clean environment: no setting of the machine leaks into a test.

    But for the kernel: processes run in plain Python where the tests do, and have nothing to say of that.
    """
    leaks.remember_secrets(settings)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VALIDATOR_", "REDIS_"))}
    if not HAS_NATIVE:
        kept[LEFT_OUT] = "1"
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
        service.end()
