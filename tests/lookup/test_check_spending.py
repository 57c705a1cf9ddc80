"""`validator-svc check` spends what it was told to spend, and says what that is."""

import asyncio
import subprocess
from pathlib import Path

import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.lookup.conftest import KEY
from tests.lookup.paid import count, numbers
from tests.service import START_S, command, environment
from tests.terminal import Session, at_terminal

TYPED = ["--type", "validation"]
# 300 different ones, and 50 that come twice.
LIST = "".join(f"{text}\n" for text in [*numbers(300), *numbers(50), "nothing"])
ESTIMATE = [
    "rows       351",
    "valid      350",
    "invalid    1",
    "duplicates 50",
    "cached     0",
    "billable   300",
    "cost       3 USD",
]


def settings(folder: Path, emulator: Emulator, **more: str) -> dict[str, str]:
    upstream = {
        "VALIDATOR_WAVIX_URL": emulator.url,
        "VALIDATOR_WAVIX_APPID": KEY,
        "VALIDATOR_WAVIX_RATE": "500",
    }
    return environment(folder / "data", **(upstream | more))


async def check(
    folder: Path, emulator: Emulator, *arguments: str, status: int = 0, text: str = LIST, **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run without a terminal, the list coming through a pipe."""
    done = await asyncio.to_thread(
        subprocess.run,
        command("check", "-", *arguments),
        env=settings(folder, emulator, **more),
        input=text,
        capture_output=True,
        text=True,
        timeout=START_S,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def at_a_terminal(folder: Path, emulator: Emulator, *arguments: str, typed: str = "") -> Session:
    (folder / "list.txt").write_text(LIST)
    run = command("check", str(folder / "list.txt"), *arguments)
    return await asyncio.to_thread(at_terminal, run, settings(folder, emulator), typed.encode())


@pytest.mark.parametrize("arguments", [[], ["--type", "format"], ["--yes"], ["--max-cost", "100"]])
async def test_nothing_is_spent_unless_a_paid_type_is_given(
    tmp_path: Path, emulator: Emulator, arguments: list[str]
) -> None:
    done = await check(tmp_path, emulator, *arguments)
    records = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert count(records, source="plan") == 351
    assert emulator.ledger.billed_total == 0
    assert "cost" not in done.stderr
    assert ("--type analysis or --type validation" in done.stderr) is ("--type" not in arguments)


async def test_without_an_upstream_nothing_is_said_of_one(tmp_path: Path, emulator: Emulator) -> None:
    done = await check(tmp_path, emulator, VALIDATOR_WAVIX_APPID="")
    assert "--type" not in done.stderr
    assert orjson.loads(done.stdout.splitlines()[0])["timezone"] == "UTC+07:00"


async def test_the_summary_says_what_it_cost(tmp_path: Path, emulator: Emulator) -> None:
    done = await check(tmp_path, emulator, *TYPED)
    assert "cost     3 USD for 300 lookups\n" in done.stderr
    done = await check(tmp_path, emulator, *TYPED)
    assert "cost     0 USD for 0 lookups\n" in done.stderr
    assert emulator.ledger.billed_total == 300


@pytest.mark.parametrize("more", [[], ["--max-cost", "0.01"], ["--format", "csv"]])
async def test_an_estimate_spends_and_writes_nothing(
    tmp_path: Path, emulator: Emulator, more: list[str]
) -> None:
    output = tmp_path / "out.csv"
    done = await check(tmp_path, emulator, *TYPED, "--estimate", "--output", str(output), *more)
    assert done.stdout.splitlines() == ESTIMATE
    assert not output.exists()
    assert emulator.ledger.billed_total == 0


async def test_an_estimate_knows_what_is_cached_and_what_is_free(tmp_path: Path, emulator: Emulator) -> None:
    await check(tmp_path, emulator, *TYPED, text="".join(f"{text}\n" for text in numbers(100)))
    done = await check(tmp_path, emulator, *TYPED, "--estimate")
    assert done.stdout.splitlines()[4:] == ["cached     100", "billable   200", "cost       2 USD"]
    for free in ([], ["--type", "format"]):
        done = await check(tmp_path, emulator, *free, "--estimate")
        assert done.stdout.splitlines()[4:] == ["cached     0", "billable   0", "cost       0 USD"]
    arguments = [*TYPED, "--estimate"]
    done = await check(tmp_path, emulator, *arguments, VALIDATOR_WAVIX_PRICE_VALIDATION="0.0125")
    assert done.stdout.splitlines()[-1] == "cost       2.5 USD"
    assert emulator.ledger.billed_total == 100


async def test_what_would_cost_more_than_allowed_does_not_begin(tmp_path: Path, emulator: Emulator) -> None:
    output = tmp_path / "out.ndjson"
    output.write_text("before")
    done = await check(tmp_path, emulator, *TYPED, "--max-cost", "2.99", "--output", str(output), status=2)
    assert "the estimate is 3 USD for 300 lookups, more than --max-cost 2.99" in done.stderr
    assert (output.read_text(), emulator.ledger.billed_total) == ("before", 0)
    await check(tmp_path, emulator, *TYPED, "--max-cost", "3", "--output", str(output))
    assert output.read_text().count("\n") == 351
    assert emulator.ledger.billed_total == 300
    # Everything is cached now.
    await check(tmp_path, emulator, *TYPED, "--max-cost", "0", "--output", str(output))


async def test_a_price_that_is_higher_than_the_settings_say_is_seen_in_time(
    tmp_path: Path, emulator: Emulator
) -> None:
    arguments = [*TYPED, "--max-cost", "1"]
    done = await check(tmp_path, emulator, *arguments, status=2, VALIDATOR_WAVIX_PRICE_VALIDATION="0.001")
    assert "the upstream charges 0.01 USD a number" in done.stderr
    assert done.stderr.count("\n") == 1
    assert emulator.ledger.billed_total == 100


@pytest.mark.parametrize("max_cost", ["five", "-1", "1e3", "", "1,50", "٣", "1."])
async def test_an_amount_that_is_none_is_named(tmp_path: Path, emulator: Emulator, max_cost: str) -> None:
    done = await check(tmp_path, emulator, *TYPED, f"--max-cost={max_cost}", status=2)
    assert "--max-cost" in done.stderr
    assert "12.50" in done.stderr


@pytest.mark.parametrize("typed", ["y\n", "YES\n"])
async def test_a_terminal_is_asked_before_money_is_spent(
    tmp_path: Path, emulator: Emulator, typed: str
) -> None:
    session = await at_a_terminal(tmp_path, emulator, *TYPED, typed=typed)
    assert session.status == 0, session.seen
    assert "Look up 300 numbers for 3 USD? [y/N]" in session.seen
    assert "cached     0" in session.seen
    assert session.output.count(b"\n") == 351
    assert emulator.ledger.billed_total == 300
    # What is cached costs nothing, so nobody is asked.
    session = await at_a_terminal(tmp_path, emulator, *TYPED)
    assert session.status == 0
    assert "[y/N]" not in session.seen


@pytest.mark.parametrize("typed", ["n\n", "\n", "yellow\n", "\x04"])
async def test_anything_but_yes_spends_nothing(tmp_path: Path, emulator: Emulator, typed: str) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    session = await at_a_terminal(tmp_path, emulator, *TYPED, "-o", f"{folder}/out.csv", typed=typed)
    assert session.status == 2
    assert "nothing was looked up, nothing was written" in session.seen
    assert emulator.ledger.billed_total == 0
    assert is_empty(folder)


async def test_interrupting_the_question_spends_nothing(tmp_path: Path, emulator: Emulator) -> None:
    session = await at_a_terminal(tmp_path, emulator, *TYPED, typed="\x03")
    assert session.status == 130
    assert "Traceback" not in session.seen
    assert emulator.ledger.billed_total == 0


@pytest.mark.parametrize("arguments", [[*TYPED, "--yes"], [], ["--type", "format"], [*TYPED, "--estimate"]])
async def test_a_terminal_is_not_asked_without_need(
    tmp_path: Path, emulator: Emulator, arguments: list[str]
) -> None:
    session = await at_a_terminal(tmp_path, emulator, *arguments)
    assert session.status == 0, session.seen
    assert "[y/N]" not in session.seen
    assert emulator.ledger.billed_total == (300 if "--yes" in arguments else 0)


async def test_a_list_through_a_pipe_does_not_take_the_answer_s_place(
    tmp_path: Path, emulator: Emulator
) -> None:
    for typed, status in ((b"n\n", 2), (b"y\n", 0)):
        session = await asyncio.to_thread(
            at_terminal,
            command("check", "-", *TYPED),
            settings(tmp_path, emulator),
            typed,
            stdin=("y\n" + LIST).encode(),
        )
        assert session.status == status, session.seen
    assert session.output.count(b"\n") == 352
    assert emulator.ledger.billed_total == 300


async def test_a_store_that_goes_away_is_said_in_one_line(tmp_path: Path, emulator: Emulator) -> None:
    away = f"unix://{tmp_path}/nowhere.sock"
    for more in ([], ["--estimate"], ["--max-cost", "9"]):
        done = await check(tmp_path, emulator, *TYPED, *more, status=2, REDIS_URL=away)
        assert done.stderr == "validator-svc: the store (Redis) does not answer\n"
    assert emulator.ledger.billed_total == 0
