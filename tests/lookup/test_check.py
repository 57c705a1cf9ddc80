"""`validator-svc check` with an upstream: the same lookups, the same store, paid for once."""

import asyncio
import subprocess
from pathlib import Path

import orjson

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import KEY, at_upstream
from tests.lookup.paid import Record, assert_true, count, numbers, one
from tests.service import START_S, command, environment, running


async def checked(folder: Path, emulator: Emulator, texts: list[str], **settings: str) -> list[Record]:
    file = folder / "numbers.txt"
    file.write_text("".join(f"{text}\n" for text in texts))
    upstream = {
        **at_upstream(emulator),
    }
    done = await asyncio.to_thread(
        subprocess.run,
        command("check", str(file), "--type", "validation"),
        env=environment(folder / "data", **(upstream | settings)),
        capture_output=True,
        timeout=START_S,
    )
    assert done.returncode == (0 if b"failed " not in done.stderr else 1), done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]


async def test_a_file_is_paid_for_once(tmp_path: Path, emulator: Emulator) -> None:
    texts = [*numbers(1_500), *numbers(500), "nothing"]
    records = await checked(tmp_path, emulator, texts)
    assert [record["phone_number"] for record in records] == texts
    for record in records[:-1]:
        assert_true(record)
    assert count(records, source="wavix") == 1_500
    assert count(await checked(tmp_path, emulator, texts), source="cache") == 2_000
    assert emulator.ledger.billed_total == emulator.ledger.distinct_numbers == 1_500


async def test_it_joins_a_service_that_runs(tmp_path: Path, emulator: Emulator) -> None:
    upstream = {"VALIDATOR_WAVIX_URL": emulator.url, "VALIDATOR_WAVIX_APPID": KEY}
    with running(tmp_path / "data", **upstream) as service:
        await one(service, numbers(1)[0])
        assert (await checked(tmp_path, emulator, numbers(1)))[0]["source"] == "cache"


async def test_failed_lookups_show_in_the_exit_status(tmp_path: Path, emulator: Emulator) -> None:
    emulator.set_faults({"code042": "1"})
    assert count(await checked(tmp_path, emulator, numbers(5)), error_code="042") == 5
