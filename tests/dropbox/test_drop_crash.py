"""Watchers that are killed at whatever moment: each file is answered once, and paid for once."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text, billed, free_claims
from tests.dropbox.dropping import DropFolder, contacts, free_drop_claims
from tests.dropbox.events import Event, events_in
from tests.dropbox.test_drop_faults import QUICK, limited_files
from tests.lookup.paid import numbers
from tests.service import START_S, command, environment
from tests.store import Store
from tests.waiting import PATIENCE_S

NAME = "people.analysis.csv"


KILL_WHEN = {
    "its progress is told": Event(f"{NAME}.progress.json", "there"),
    "its progress is told no more": Event(f"{NAME}.progress.json", "gone"),
    "its results are there": Event(f"{NAME}.results.csv", "there"),
    "its report is there": Event(f"{NAME}.report.json", "there"),
    "its sidecar is moved": Event(f"{NAME}.toml", "gone"),
    "it is moved": Event(NAME, "gone"),
}


def waited_for(condition: Callable[[], bool]) -> None:
    """Without a pause: the moments in question are short."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s


@pytest.mark.parametrize("when", KILL_WHEN)
async def test_a_watcher_is_killed_as_soon_as(
    when: str, paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    watcher = paying.watch(folder.root, **QUICK)
    (folder.inbox / f"{NAME}.toml").write_text('country = "ID"')
    with events_in(folder.inbox, folder.outbox) as events:
        folder.drop(NAME, contacts(*numbers(100)))
        await asyncio.to_thread(waited_for, lambda: KILL_WHEN[when] in events.of(NAME))
    watcher.stop(signal.SIGKILL)
    free_drop_claims(store)
    free_claims(store)
    paying.watch(folder.root, **QUICK)
    report = await folder.report(NAME)
    await folder.until(lambda: folder.progress(NAME) == {})
    assert (report["count"], report["valid"] + report["invalid"]) == (100, 100)
    assert report["reused_from"] is None
    assert [row["phone"] for row in folder.rows(NAME)] == numbers(100)
    assert sorted(path.name for path in folder.outbox.iterdir()) == [
        f"{NAME}.report.html",
        f"{NAME}.report.json",
        f"{NAME}.results.csv",
    ]
    assert sorted(path.name for path in folder.done.iterdir()) == [NAME, f"{NAME}.toml"]
    assert not list(folder.inbox.iterdir())
    assert not list(folder.failed.iterdir())
    with redis.Redis.from_url(store.url) as client:
        assert client.zcard("vs:batches") == 1
    # One request's answer may be lost with the process that asked.
    assert emulator.ledger.max_times_billed <= 1 + (when == "its progress is told")


async def test_a_file_whose_batch_has_ended_is_not_paid_again(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    watcher = paying.watch(folder.root, **QUICK)
    with limited_files(folder, watcher):
        folder.drop("paid.analysis.txt", as_text(numbers(1_000)))
        await folder.until(lambda: folder.progress("paid.analysis.txt").get("status") == "waiting")
        assert emulator.ledger.billed_total == 1_000
        watcher.stop(signal.SIGKILL)
    with redis.Redis.from_url(store.url) as client:
        assert all(-1 != client.pttl(key) <= 15_000 for key in client.scan_iter("vs:drop:*:claim:*"))
    paying.watch(folder.root, **QUICK)
    report = await folder.report("paid.analysis.txt")
    assert (report["paid"], report["count"], report["reused_from"]) == (1_000, 1_000, None)
    assert emulator.ledger.billed_total == 1_000


async def test_another_watcher_goes_on_with_a_file_that_is_being_paid_for(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    emulator.set_faults({"latency": "50ms"})
    texts = numbers(4_000)
    watchers = [paying.watch(folder.root, **QUICK) for _ in range(2)]
    folder.drop("paid.analysis.txt", as_text(texts))
    await billed(emulator, 500)
    first = next(each for each in watchers if any(b"file_taken" in line for line in each.log))
    first.stop(signal.SIGKILL)
    free_claims(store)
    report = await folder.report("paid.analysis.txt")
    assert (report["count"], report["unknown"], report["reused_from"]) == (4_000, 0, None)
    assert [row["phone_number"] for row in folder.rows("paid.analysis.txt")] == texts
    with redis.Redis.from_url(store.url) as client:
        assert client.zcard("vs:batches") == 1
    # Of the killed process only what it was asking just then may be paid again.
    assert emulator.ledger.billed_total - emulator.ledger.distinct_numbers <= 1_000
    assert emulator.ledger.max_times_billed <= 2


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_watcher_that_stood_still_leaves_the_file_to_who_took_it_over(
    group: Processes, folder: DropFolder, store: Store, is_late: bool
) -> None:
    first = group.watch(folder.root, **QUICK)
    with limited_files(folder, first):
        folder.drop("large.txt", as_text(numbers(3_000)))
        await folder.until(lambda: folder.progress("large.txt").get("status") == "waiting")
        first.process.send_signal(signal.SIGSTOP)
    free_drop_claims(store)
    second = group.watch(folder.root, **QUICK)
    if is_late:
        await folder.report("large.txt")
        # Somebody takes the answer away.
        for path in folder.outbox.iterdir():
            path.unlink()
    else:
        await folder.until(lambda: any(b"file_taken" in line for line in second.log))
    first.process.send_signal(signal.SIGCONT)
    await folder.until(lambda: any(b"_lost" in line for line in first.log))
    folder.drop("after.csv", contacts(*numbers(1)))
    await folder.report("after.csv")
    assert (folder.outbox / "large.txt.report.json").exists() is not is_late
    assert sorted(path.name for path in folder.done.iterdir()) == ["after.csv", "large.txt"]


async def test_a_watcher_that_is_told_to_stop_leaves_its_files_to_others(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    emulator.set_faults({"latency": "100ms"})
    watcher = paying.watch(folder.root, **QUICK)
    folder.drop("handed.analysis.txt", as_text(numbers(3_000)))
    await billed(emulator, 200)
    assert await asyncio.to_thread(watcher.stop) == 0
    with redis.Redis.from_url(store.url) as client:
        assert not list(client.scan_iter("vs:drop:*:claim:*"))
    paying.watch(folder.root, **QUICK)
    report = await folder.report("handed.analysis.txt")
    assert (report["count"], report["reused_from"]) == (3_000, None)
    assert emulator.ledger.max_times_billed == 1


async def test_a_service_watches_with_several_processes(group: Processes, folder: DropFolder) -> None:
    group.serve(VALIDATOR_DROP_DIR=str(folder.root), VALIDATOR_WORKERS="2", **SMALL)
    texts = [numbers(300, start=at * 300) for at in range(10)]
    for at, each in enumerate(texts):
        folder.drop(f"{at}.txt", as_text(each))
    for at, each in enumerate(texts):
        assert (await folder.report(f"{at}.txt"))["count"] == 300
        assert [row["phone_number"] for row in folder.rows(f"{at}.txt")] == each
    assert len(list(folder.done.iterdir())) == 10


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_service_says_why_it_cannot_watch(tmp_path: Path, workers: str) -> None:
    (tmp_path / "file").write_text("")
    settings = {"VALIDATOR_DROP_DIR": str(tmp_path / "file" / "drop"), "VALIDATOR_WORKERS": workers}
    run = subprocess.run(
        command("serve"),
        env=environment(tmp_path / "data", **settings),
        capture_output=True,
        timeout=START_S,
        check=False,
    )
    assert run.returncode == 2
    assert b"VALIDATOR_DROP_DIR: " in run.stderr
    assert b"Traceback" not in run.stderr


def marks(store: Store) -> list[int]:
    """How often each content was begun to be taken in without an end."""
    with redis.Redis.from_url(store.url) as client:
        return [int(client.get(key) or 0) for key in client.scan_iter("vs:drop:*:begun:*")]


async def test_a_file_at_which_processes_end_fails_and_no_other(
    group: Processes, folder: DropFolder, store: Store
) -> None:
    large = as_text(numbers(1_000_000))
    watcher = group.watch(folder.root, **QUICK)
    folder.drop("large.txt", large)
    await asyncio.to_thread(waited_for, lambda: bool(marks(store)))
    watcher.stop(signal.SIGKILL)
    assert marks(store) == [1]
    free_drop_claims(store)
    folder.drop("small.txt", as_text(numbers(10)))
    group.watch(folder.root, VALIDATOR_BATCH_TRIES="1", **QUICK)
    assert "1 processes ended while they read it" in await folder.error("large.txt")
    assert (await folder.report("small.txt"))["count"] == 10
    assert marks(store) == []
    # It is tried again when it is dropped again.
    folder.drop("large.txt", large)
    await folder.until(lambda: folder.progress("large.txt").get("status") in ("queued", "progress"))
