"""Requests made from the document of the API: some of them here, the rest by `make fuzz-api`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.api import ROOT, SETTINGS, fuzzed, sending
from tests.service import running


@pytest.mark.parametrize("keys", SETTINGS)
def test_no_request_gets_a_5xx_or_an_answer_that_is_not_in_the_document(tmp_path: Path, keys: str) -> None:
    with running(tmp_path / "data", **SETTINGS[keys]) as service:
        sender = sending(service, keys, 1_500, 60)
        told, _ = sender.communicate()
        assert sender.returncode == 0, told
        if keys == "on":
            done = fuzzed(service, 1_000, 15)
            assert done.returncode == 0, done.stdout + done.stderr
        assert service.process.poll() is None


@pytest.fixture(scope="module")
def systems() -> Iterator[str]:
    """Where the systems are that requests are sent on to."""
    command = [sys.executable, "-u", "-m", "loadtest.call_emulator", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.mark.parametrize("keys", SETTINGS)
def test_requests_to_telecom_systems(tmp_path: Path, systems: str, keys: str) -> None:
    forwarding = {
        "VALIDATOR_FORWARD_URLS": f"wavix-call={systems};signalwire-call={systems}",
        "VALIDATOR_FORWARD_CREDENTIALS": "wavix-call=key;signalwire-call=user:token",
    }
    routes = ("--include-path-regex", "^/v1/(screen|forward)/", "--phases", "examples,coverage,fuzzing")
    with running(tmp_path / "data", **SETTINGS[keys], **forwarding) as service:
        done = fuzzed(service, 1_000, 10, *routes)
        assert done.returncode == 0, done.stdout + done.stderr
        assert service.process.poll() is None
