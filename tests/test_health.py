"""The health check of a container, over the command that it runs."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service import START_S, Service, environment, start, started
from tests.waiting import wait_until
from validator_svc.embedded import private_socket_path, shut_down_orphan

COMMANDS = [
    ["serve", "--port", "0"],
    ["serve", "--host", "0.0.0.0"],
    ["serve", "--workers", "2"],
    ["worker"],
    ["watch", "drop"],
]
ROOT = Path(__file__).parent.parent


def health(folder: Path) -> tuple[int, str]:
    """What the container's check comes to, among what runs with `folder` for temporary files."""
    asked = re.search(r'HEALTHCHECK .*CMD \["python", (.*)\]', (ROOT / "Dockerfile").read_text())
    assert asked
    arguments = [word.strip().strip('"') for word in asked[1].split(",")]
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(folder, TMPDIR=str(folder)),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("arguments", COMMANDS)
async def test_it_follows_the_command(tmp_path: Path, arguments: list[str]) -> None:
    assert health(tmp_path) == (1, "no service runs here\n")
    settings = {"TMPDIR": str(tmp_path), "HTTP_PROXY": "http://127.0.0.1:1", "VALIDATOR_ADMIN_KEY": "a" * 48}
    process = started(arguments, tmp_path, **settings)
    service = Service(process)
    await wait_until(lambda: any(b'"listening"' in line or b'"working"' in line for line in service.log))
    assert health(tmp_path) == (0, "well\n")
    assert service.stop() == 0
    assert health(tmp_path)[0] == 1


async def test_one_that_is_stuck_or_was_killed_is_not_well(tmp_path: Path) -> None:
    service = start(tmp_path / "data", TMPDIR=str(tmp_path))
    service.wait_until_listening()
    service.process.send_signal(signal.SIGSTOP)
    status, said = health(tmp_path)
    assert status == 1
    assert f"process {service.process.pid}: " in said
    service.process.send_signal(signal.SIGCONT)
    service.stop(signal.SIGKILL)
    assert health(tmp_path) == (1, "no service runs here\n")
    shut_down_orphan(private_socket_path(tmp_path / "data" / "valkey"))


def test_a_worker_that_has_not_moved_for_long_is_not_well(tmp_path: Path) -> None:
    folder = tmp_path / f"validator-svc-{os.getuid()}"
    folder.mkdir(mode=0o700)
    file = folder / f"{os.getpid()}.running"
    file.write_text('{"url": null}')
    assert health(tmp_path) == (0, "well\n")
    os.utime(file, (0, 0))
    assert health(tmp_path)[0] == 1


def test_the_image_leaves_out_what_git_ignores() -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    for line in (ROOT / ".gitignore").read_text().split():
        name = line.strip("/")
        assert name in left_out or f"**/{name}" in left_out, name
    for name in ("tests", "loadtest", ".git"):
        assert name in left_out
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert not set(" ".join(copied).split()) & set(left_out)
