"""`validator-svc submit` as its users run it."""

import csv
import signal
import subprocess
from pathlib import Path

import pytest
import redis

from tests.batches.conftest import group, store
from tests.batches.processes import Processes
from tests.service import START_S, Service, command, environment
from tests.store import Store
from tests.waiting import wait_until

__all__ = ["group", "store"]


def submitted(tmp_path: Path, server: str, file: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command("submit", str(file), "--server", server, *more),
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )


def people(path: Path, count: int) -> Path:
    rows = "".join(f"Ann,+62812{n:08}\n" for n in range(count))
    path.write_text("name,phone\n" + rows)
    return path


def test_a_file_is_worked_and_its_results_fetched(service: Service, tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv", 100)
    run = submitted(tmp_path, service.url, file, "--type", "format")
    _, said = run.communicate(timeout=START_S)
    assert run.returncode == 0, said
    assert "success: 100 rows, 100 valid, 0 invalid, 0 unknown" in said
    rows = list(csv.reader((tmp_path / "people.csv.results.csv").read_text().splitlines()))
    assert [row[:2] for row in rows] == list(csv.reader(file.read_text().splitlines()))


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ("a,b\nc,d\n", (), "no phone column"),
        ("phone\n+6281234567000\n", ("--country", "Atlantis"), "country"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    service: Service, tmp_path: Path, content: str, arguments: tuple[str, ...], says: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(content)
    run = submitted(tmp_path, service.url, file, *arguments)
    _, said = run.communicate(timeout=START_S)
    assert run.returncode == 2
    assert says in said
    assert "Traceback" not in said


async def test_the_server_may_restart_meanwhile(group: Processes, store: Store, tmp_path: Path) -> None:
    settings = {"VALIDATOR_SEGMENT_ROWS": "100"}
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **settings)
    port = str(service.port)
    output = tmp_path / "out.ndjson"
    file = people(tmp_path / "people.csv", 20_000)
    run = submitted(tmp_path, service.url, file, "--type", "format", "--output", str(output))
    with redis.Redis.from_url(store.url) as client:
        await wait_until(lambda: client.exists("vs:batches"))
    service.stop(signal.SIGKILL)
    assert run.poll() is None
    group.serve(VALIDATOR_PORT=port, **settings)
    await wait_until(lambda: run.poll() is not None)
    assert run.stderr
    said = run.stderr.read()
    run.stderr.close()
    assert run.returncode == 0, said
    assert output.read_bytes().count(b"\n") == 20_000
