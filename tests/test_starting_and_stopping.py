"""Signals from the first moment to the last, and what the log says of a stop."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.service import START_S, Service, start, started, valkeys
from tests.store import running_store
from tests.waiting import wait_until
from validator_svc.stopping import SIGNALS, Stop

COMMANDS = [["serve"], ["worker"], ["watch", "drop"], ["check", "-"], ["serve", "--workers", "2"]]
SUBMIT = ["submit", __file__, "--server", "http://127.0.0.1:1"]
TROUBLE = ("warning", "error", "critical")


def troubles(log: bytes) -> list[bytes]:
    return [line for line in log.splitlines() if orjson.loads(line)["level"] in TROUBLE]


def has_begun(process: "subprocess.Popen[bytes]") -> bool:
    """Whether our own code runs: before it catches SIGTERM nobody can change what that does."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (caught,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) & 1 << signal.SIGTERM - 1)


@contextlib.contextmanager
def on_hang_up(what: signal.Handlers) -> Iterator[None]:
    """What processes that are started in the block do then, however these tests were started themselves."""
    before = signal.signal(signal.SIGHUP, what)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("delay_s", [0, 0.2, 0.6, 1.5])
def test_sigterm_ends_it_in_order_whenever_it_comes(
    tmp_path: Path, arguments: list[str], delay_s: float
) -> None:
    """Whatever it is at after such a time on this machine; each delay is a case, not a measure."""
    with started(arguments, tmp_path) as process:
        while not has_begun(process):
            assert process.poll() is None
        time.sleep(delay_s)
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_S) == 0
        assert process.stderr
        said = process.stderr.read()
    assert b"Traceback" not in said
    if arguments[0] != "check":
        assert troubles(said) == []
    assert not (tmp_path / "data" / "valkey" / "valkey.sock").exists()


@pytest.mark.parametrize("delay_s", [0, 0.1, 0.3])
@pytest.mark.parametrize("arguments", [["serve"], ["check", "-"], SUBMIT])
def test_ctrl_c_leaves_no_traceback(tmp_path: Path, arguments: list[str], delay_s: float) -> None:
    with started(arguments, tmp_path) as process:
        while not has_begun(process):
            assert process.poll() is None
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        assert process.wait(START_S) in ((0, 130) if arguments == ["serve"] else (130,))
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("arguments", [["serve"], ["serve", "--workers", "2"], ["watch", "drop"]])
async def test_the_end_of_its_terminal_ends_it_in_order(tmp_path: Path, arguments: list[str]) -> None:
    with on_hang_up(signal.SIG_DFL):
        service = Service(started(arguments, tmp_path))
    await wait_until(lambda: any(b'"listening"' in line or b'"working"' in line for line in service.log))
    assert len(valkeys(tmp_path / "data")) == 1
    assert service.stop(signal.SIGHUP) == 0
    assert valkeys(tmp_path / "data") == []


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_what_was_started_with_nohup_goes_on(tmp_path: Path, workers: str) -> None:
    with on_hang_up(signal.SIG_IGN):
        service = start(tmp_path, VALIDATOR_WORKERS=workers)
    service.wait_until_listening()
    service.process.send_signal(signal.SIGHUP)
    async with aiohttp.ClientSession(service.url) as client, client.get("/readyz") as response:
        assert response.status == 200
    assert service.stop() == 0
    assert troubles(b"".join(service.log)) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("arguments", [["serve"], ["worker"], ["watch", "drop"]])
async def test_a_stop_of_all_processes_at_once_is_clean(
    tmp_path: Path, arguments: list[str], number: int
) -> None:
    """Ctrl-C, and service managers, signal the embedded store together with the service."""
    with on_hang_up(signal.SIG_DFL):
        process = started(arguments, tmp_path)
    service = Service(process)
    await wait_until(lambda: any(b'"listening"' in line or b'"working"' in line for line in service.log))
    os.killpg(process.pid, number)
    assert service.wait() == 0
    assert troubles(b"".join(service.log)) == []
    assert not (tmp_path / "data" / "valkey" / "valkey.sock").exists()


def test_a_stop_asked_for_twice_is_one_stop(tmp_path: Path) -> None:
    service = start(tmp_path)
    service.wait_until_listening()
    with contextlib.suppress(ProcessLookupError):
        for _ in range(20):
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.01)
    assert service.wait() == 0
    assert troubles(b"".join(service.log)) == []


async def test_a_stop_that_was_asked_for_before_is_not_waited_for() -> None:
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        stop = Stop()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_asked
        await stop.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


async def test_a_store_that_is_away_is_said_now_and_then_and_its_return_once(tmp_path: Path) -> None:
    with running_store() as store:
        store.kill()
        service = start(tmp_path, REDIS_URL=store.url)
        service.wait_until_listening()

        def events(name: str) -> list[dict[str, object]]:
            lines = [orjson.loads(line) for line in list(service.log)]
            return [line for line in lines if line["event"] == name]

        # The third is said after 2 and 4 seconds.
        await wait_until(lambda: len(events("store_away")) == 3)
        assert [line["again_in_s"] for line in events("store_away")] == [2, 4, 8]
        assert len(service.log) == 4
        store.start()
        await wait_until(lambda: events("store_back"))
        assert service.stop() == 0
    assert len(troubles(b"".join(service.log))) <= 4


def test_a_service_that_is_ended_while_it_still_connects_ends(tmp_path: Path) -> None:
    with running_store() as store:
        service = start(tmp_path / "data", REDIS_URL=store.url, VALIDATOR_BATCH_CONCURRENCY="0")
        service.wait_until_listening()
        assert service.stop() == 0
