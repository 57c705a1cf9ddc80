"""`validator-svc batches`, `fetch` and `cancel`: coming back to what was left running."""

import csv
from pathlib import Path

import orjson

from tests.batches.conftest import group, store
from tests.batches.processes import Processes
from tests.formats.test_xlsx import rows_in
from tests.service import Service, command, environment, ran
from tests.terminal import screen_of
from tests.test_submit import people

__all__ = ["group", "store"]


def test_a_batch_is_found_again_and_fetched(service: Service, tmp_path: Path) -> None:
    settings = {"VALIDATOR_SERVER": service.url}
    file = people(tmp_path / "late.csv", 30)
    out = tmp_path / "first.csv"
    done = ran(tmp_path, "submit", str(file), "--type", "format", "-o", str(out), **settings)
    batch_id = done.stderr.splitlines()[0].removeprefix("batch ")
    listed = [orjson.loads(line) for line in ran(tmp_path, "batches", **settings).stdout.splitlines()]
    (found,) = [each for each in listed if each["request_uuid"] == batch_id]
    assert (found["name"], found["status"], found["count"]) == ("late.csv", "success", 30)
    for name in ("a.csv", "b.xlsx", "c.ndjson.gz"):
        again = ran(tmp_path, "fetch", batch_id, "-o", str(tmp_path / name), **settings)
        assert again.returncode == 0, again.stderr
        assert again.stderr.splitlines()[-1] == f"wrote {tmp_path / name}"
    assert (tmp_path / "a.csv").read_bytes() == out.read_bytes()
    assert len(rows_in(tmp_path / "b.xlsx")) == 31
    screen = screen_of(command("batches"), environment(tmp_path, **settings), 80).text()
    (line,) = [line for line in screen.splitlines() if batch_id in line]
    assert line.split() == [batch_id, "success", "30", "100%", "0", "late.csv"]


def test_a_batch_is_canceled(group: Processes, tmp_path: Path) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    settings = {"VALIDATOR_SERVER": service.url}
    empty = screen_of(command("batches"), environment(tmp_path, **settings), 80).text()
    assert empty == "no batches; validator-svc submit FILE makes one\n"
    file = people(tmp_path / "people.csv", 10)
    posted = ran(tmp_path, "submit", str(file), "--type", "format", "--estimate", **settings)
    assert posted.returncode == 0, posted.stderr
    assert ran(tmp_path, "batches", **settings).stdout == ""
    unknown = ran(tmp_path, "cancel", "00000000-0000-0000-0000-000000000000", **settings)
    assert unknown.returncode == 2
    assert unknown.stderr == "validator-svc: there is no batch of this id; it may have expired\n"
    for command_name in ("cancel", "fetch"):
        odd = ran(tmp_path, command_name, "../keys", **settings)
        assert odd.returncode == 2
        assert odd.stderr.startswith("validator-svc: ID: expected that of a batch")


def test_what_check_takes_submit_takes(service: Service, tmp_path: Path) -> None:
    settings = {"VALIDATOR_SERVER": service.url}
    text = "land;x\nID;0812-3456-7000\nDE;Stra\N{LATIN SMALL LETTER SHARP S}e 12\n"
    (tmp_path / "odd.csv").write_bytes(text.encode("cp1252"))
    more = ["--column", "2", "--country", "column:land", "--encoding", "cp1252", "--header"]
    for source, name in ((str(tmp_path / "odd.csv"), "a.csv"), ("-", "b.csv")):
        output = tmp_path / name
        done = ran(
            tmp_path,
            *("submit", source, "--type", "format", "-o", str(output), "--dialect", "excel", *more),
            typed=text if source == "-" else None,
            **settings,
        )
        assert done.returncode == 0, done.stderr
        header, first, _ = csv.reader(output.read_text("utf-8-sig").splitlines(), delimiter=";")
        assert header[:3] == ["land", "x", "phone_number"]
        assert first[header.index("e164_format")] == '="+6281234567000"'
    odd = str(tmp_path / "odd.csv")
    refused = ran(tmp_path, "submit", odd, "--encoding", "none", **settings)
    assert refused.returncode == 2
    assert "encoding" in refused.stderr
    wrong = ran(tmp_path, "submit", odd, "-o", "x.xlsx", "--dialect", "excel", **settings)
    assert wrong.stderr == "validator-svc: --dialect excel: excel goes with format csv only\n"
