"""`validator-svc submit` as its users run it."""

import asyncio
import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.conftest import group, store
from tests.batches.processes import Processes
from tests.formats.test_xlsx import rows_in
from tests.lookup.conftest import KEY, emulator
from tests.service import START_S, Service, command, environment, lasting_port
from tests.store import Store
from tests.terminal import at_terminal
from tests.waiting import wait_until

__all__ = ["emulator", "group", "store"]


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
    assert said.splitlines()[-1] == f"wrote {tmp_path}/people.csv.results.csv"
    rows = list(csv.reader((tmp_path / "people.csv.results.csv").read_text().splitlines()))
    assert [row[:2] for row in rows] == list(csv.reader(file.read_text().splitlines()))


def test_results_are_fetched_as_a_workbook(service: Service, tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv", 100)
    run = submitted(tmp_path, service.url, file, "--type", "format", "-o", str(tmp_path / "out.xlsx"))
    _, said = run.communicate(timeout=START_S)
    assert run.returncode == 0, said
    header, *rows = rows_in(tmp_path / "out.xlsx")
    assert [row[:2] for row in (header, *rows)] == list(csv.reader(file.read_text().splitlines()))
    assert {row[header.index("error_code")] for row in rows} == {"000"}


def test_numbers_assumed_to_be_international_are_said(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone,land\n(201) 555-6721,US\n6281234567000,ID\n+6281234567000,\n")
    run = [*command("submit", str(file), "--server", service.url, "--type", "format"), "--estimate"]
    done = subprocess.run(
        run, env=environment(tmp_path), capture_output=True, text=True, timeout=START_S, check=True
    )
    assert re.search("^assumed_international +2$", done.stdout, re.MULTILINE), done.stdout
    assert re.search("^country_column +'land'; --country column:NAME uses it$", done.stdout, re.MULTILINE)
    _, said = submitted(tmp_path, service.url, file, "--type", "format").communicate(timeout=START_S)
    assert "; 2 assumed international, having neither +, 00 nor a country" in said
    given_country = ("--country", "column:land")
    _, said = submitted(tmp_path, service.url, file, *given_country, "--type", "format").communicate(
        timeout=START_S
    )
    assert "assumed international" not in said


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
    settings = {"VALIDATOR_SEGMENT_ROWS": "100", "VALIDATOR_PORT": str(lasting_port())}
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **settings)
    output = tmp_path / "out.ndjson"
    file = people(tmp_path / "people.csv", 20_000)
    run = submitted(tmp_path, service.url, file, "--type", "format", "--output", str(output))
    with redis.Redis.from_url(store.url) as client:
        await wait_until(lambda: client.exists("vs:batches"))
    service.stop(signal.SIGKILL)
    assert run.poll() is None
    group.serve(**settings)
    await wait_until(lambda: run.poll() is not None)
    assert run.stderr
    said = run.stderr.read()
    run.stderr.close()
    assert run.returncode == 0, said
    assert output.read_bytes().count(b"\n") == 20_000


async def test_a_file_that_cannot_be_sent_is_named_at_once(tmp_path: Path) -> None:
    """Whether or not there is a server."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    for name, says in (
        ("nowhere.csv", "No such file"),
        ("gone.csv", "No such file"),
        (".", "directory"),
        ("pipe", "no regular file"),
        ("pipe/below", "Not a directory"),
    ):
        run = submitted(tmp_path, "http://127.0.0.1:1", tmp_path / name)
        _, said = run.communicate(timeout=START_S)
        assert run.returncode == 2
        assert said.startswith(f"validator-svc: {tmp_path / name}: "), said
        assert says in said
        assert said.count("\n") == 1


async def test_an_output_that_cannot_be_written_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv", 10)
    (tmp_path / "soft.csv").symlink_to(file)
    (tmp_path / "hard.csv").hardlink_to(file)
    (tmp_path / "folder").mkdir()
    for name, says in (
        ("people.csv", "this is the input"),
        ("folder/../people.csv", "this is the input"),
        ("soft.csv", "this is the input"),
        ("hard.csv", "this is the input"),
        ("folder", "Is a directory"),
        ("nowhere/out.csv", "No such file"),
        ("out.xls", ".xls cannot be written"),
        ("out.csv.xz", ".xz cannot be written"),
        ("out.json", ".json cannot be written"),
    ):
        run = submitted(tmp_path, "http://127.0.0.1:1", file, "--output", str(tmp_path / name))
        _, said = run.communicate(timeout=START_S)
        assert run.returncode == 2
        assert says in said
        assert said.count("\n") == 1
    assert file.read_text().count("\n") == 11


@pytest.mark.parametrize("server", ["localhost:8080", "ftp://127.0.0.1", "http://", ""])
def test_a_server_that_is_no_url_is_named(tmp_path: Path, server: str) -> None:
    run = submitted(tmp_path, server, people(tmp_path / "people.csv", 1))
    _, said = run.communicate(timeout=START_S)
    assert run.returncode == 2
    assert said == "validator-svc: --server: expected a base URL, such as http://127.0.0.1:8080\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_server_that_is_away_is_said_at_once(tmp_path: Path, number: int, status: int) -> None:
    run = submitted(tmp_path, "http://127.0.0.1:1", people(tmp_path / "people.csv", 1))
    assert run.stderr
    line = run.stderr.readline()
    assert line.startswith("cannot reach http://127.0.0.1:1: ")
    assert line.endswith("retrying for 300 s\n")
    run.send_signal(number)
    said = run.stderr.read()
    run.stderr.close()
    assert run.wait(20) == status
    assert said == "broken off before the server took the file on; what it has taken on: " + (
        "validator-svc batches --server http://127.0.0.1:1\n"
    )


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_batch_that_is_left_alone_is_not_lost(
    group: Processes, tmp_path: Path, number: int, status: int
) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    file = people(tmp_path / "people.csv", 10)
    run = submitted(tmp_path, service.url, file, "--type", "format", "--key", "any")
    assert run.stderr
    batch_id = run.stderr.readline().removeprefix("batch ").strip()
    run.send_signal(number)
    said = run.stderr.read()
    run.stderr.close()
    assert run.wait(20) == status
    assert f"batch {batch_id} goes on" in said
    (cancel,) = re.findall(r"cancel +(.*)", said)
    env = environment(tmp_path, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    answer = subprocess.check_output(["sh", "-c", cancel], env=env)
    assert answer == b"canceled: 0 of 10 rows were answered; cost 0 USD\n"


async def test_an_estimate_and_a_question_come_before_the_money(
    group: Processes, emulator: Emulator, tmp_path: Path
) -> None:
    service = group.serve(VALIDATOR_WAVIX_URL=emulator.url, VALIDATOR_WAVIX_APPID=KEY)
    file = people(tmp_path / "people.csv", 50)
    env = environment(tmp_path)
    run = command("submit", str(file), "--server", service.url, "--type", "analysis")
    done = await asyncio.to_thread(
        subprocess.run, [*run, "--estimate"], env=env, capture_output=True, text=True, timeout=START_S
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^billable +50\n(.*\n)*cost +0.25 USD$", done.stdout, re.MULTILINE), done.stdout
    session = await asyncio.to_thread(at_terminal, run, env, b"n\n")
    assert session.status == 2
    assert "Look up 50 numbers for 0.25 USD? [y/N]" in session.seen
    assert "nothing was submitted" in session.seen
    assert emulator.ledger.billed_total == 0
    session = await asyncio.to_thread(at_terminal, run, env, b"y\n")
    assert session.status == 0, session.seen
    assert emulator.ledger.billed_total == 50
    # All is cached now, so there is nothing to ask.
    session = await asyncio.to_thread(at_terminal, run, env)
    assert session.status == 0, session.seen
    assert "[y/N]" not in session.seen


@pytest.mark.parametrize("arguments", [("--yes",), ("--type", "format")])
async def test_nobody_is_asked_without_need(
    service: Service, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    run = command("submit", str(people(tmp_path / "people.csv", 5)), "--server", service.url, *arguments)
    session = await asyncio.to_thread(at_terminal, run, environment(tmp_path))
    assert session.status == 0, session.seen
    assert "[y/N]" not in session.seen
