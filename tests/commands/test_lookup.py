"""`validator-svc lookup`: numbers typed on the command line, for people and for programs."""

import asyncio
import os
import pty
import subprocess
from pathlib import Path

import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import KEY, emulator
from tests.service import START_S, command, environment, ran
from validator_svc.record.record import fields_of

__all__ = ["emulator"]

NUMBER = "+6281234567000"


def lookup(
    data_dir: Path, *arguments: str, status: int = 0, **settings: str
) -> "subprocess.CompletedProcess[str]":
    done = ran(data_dir, "lookup", *arguments, **settings)
    assert done.returncode == status, done.stderr
    return done


def seen_on_terminal(data_dir: Path, *arguments: str, columns: int = 80) -> str:
    """What stands on a terminal of so many columns, without colour."""
    ours, theirs = pty.openpty()
    env = environment(data_dir, COLUMNS=str(columns), NO_COLOR="1", TERM="dumb")
    done = subprocess.run(command("lookup", *arguments), env=env, stdout=theirs, timeout=START_S, check=True)
    os.close(theirs)
    seen = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.returncode == 0
    return seen.replace("\r\n", "\n")


def test_in_a_pipe_it_is_ndjson_in_order(tmp_path: Path) -> None:
    lines = lookup(tmp_path, NUMBER, "nobody", NUMBER).stdout.splitlines()
    first, second, third = (orjson.loads(line) for line in lines)
    assert tuple(first) == fields_of("validation")
    assert (first["e164_format"], second["reason"]) == (NUMBER, "not_a_number")
    assert first == third


def test_json_for_people_is_the_same_record(tmp_path: Path) -> None:
    pretty = lookup(tmp_path, NUMBER, "--json", "--type", "format").stdout
    assert pretty.startswith('{\n  "phone_number": "+6281234567000",\n')
    assert tuple(orjson.loads(pretty)) == fields_of("format")
    both = orjson.loads(lookup(tmp_path, NUMBER, "0812 3456 7000", "--json", "--country", "id").stdout)
    assert [each["e164_format"] for each in both] == [NUMBER, NUMBER]


def test_several_numbers_are_a_table_that_fits_on_80_columns(tmp_path: Path) -> None:
    seen = seen_on_terminal(tmp_path, NUMBER, "+1 212 555 1234", "+33 12")
    assert [line.split() for line in seen.splitlines()] == [
        ["number", "valid", "type", "or", "reason", "country", "carrier", "E.164"],
        [NUMBER, "yes", "mobile", "ID", "Telkomsel", NUMBER],
        ["+1", "212", "555", "1234", "yes", "landline-or-mobile", "US", "-", "+12125551234"],
        ["+33", "12", "no", "too_short", "-", "-", "+3312"],
    ]
    assert max(map(len, seen.splitlines())) <= 80


def test_one_number_is_a_field_a_line(tmp_path: Path) -> None:
    seen = seen_on_terminal(tmp_path, NUMBER)
    assert [line.split()[0] for line in seen.splitlines()] == list(fields_of("validation"))
    assert "ported             no\n" in seen
    assert "reachable          -\n" in seen


def test_what_was_sent_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in seen_on_terminal(tmp_path, "\x1b[2J+62\n812", NUMBER)
    assert "\x1b" not in lookup(tmp_path, "\x1b[2J+62", "--explain").stdout


def test_explained_every_field_has_its_sentence(tmp_path: Path) -> None:
    lines = lookup(tmp_path, NUMBER, "--explain").stdout.splitlines()
    assert [line.split(":")[0] for line in lines[::2]] == list(fields_of("validation"))
    assert all(line.startswith("    ") and len(line) > 20 for line in lines[1::2])
    assert "null is never no" in lines[1 + 2 * fields_of("validation").index("reachable")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        ([NUMBER, "--json", "--explain"], "--json and --explain"),
        ([NUMBER, "--country", "XX"], "--country: expected"),
        ([NUMBER, "--max-cost", "much"], "--max-cost: expected"),
        ([NUMBER, "--type", "all"], "--type"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    assert said in lookup(tmp_path, *arguments, status=2).stderr


async def test_it_spends_only_what_was_asked_for_and_pays_once(tmp_path: Path, emulator: Emulator) -> None:
    settings = {"VALIDATOR_WAVIX_URL": emulator.url, "VALIDATOR_WAVIX_APPID": KEY}

    async def run(*arguments: str, status: int = 0) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(lookup, tmp_path, *arguments, status=status, **settings)

    assert "from the numbering plan alone" in (await run(NUMBER)).stderr
    assert emulator.ledger.billed_total == 0
    refused = await run(NUMBER, "--type", "validation", "--max-cost", "0.001", status=2)
    assert "more than --max-cost 0.001" in refused.stderr
    assert emulator.ledger.billed_total == 0
    for source in ("wavix", "cache"):
        record = orjson.loads((await run(NUMBER, "--type", "validation", "--yes")).stdout)
        assert record["source"] == source
        assert emulator.ledger.billed_total == 1
