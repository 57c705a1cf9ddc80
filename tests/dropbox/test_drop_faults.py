"""What may happen to a file while it is worked, and to the disk its answer goes to."""

import asyncio
import contextlib
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.processes import Processes, Worker
from tests.batches.test_crash import SMALL, as_text, billed
from tests.dropbox.dropping import DropFolder, contacts, free_drop_claims
from tests.lookup.paid import numbers
from tests.store import Store

VALID = "+6281234567000"
QUICK = SMALL | {"VALIDATOR_DROP_SETTLE": "0.2"}


async def test_a_file_that_is_deleted_is_not_paid_for_any_further(
    paying: Processes, emulator: Emulator, folder: DropFolder
) -> None:
    emulator.set_faults({"latency": "200ms"})
    paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", VALIDATOR_BATCH_CONCURRENCY="1", **QUICK)
    folder.drop("gone.analysis.txt", as_text(numbers(5_000)))
    await billed(emulator, 200)
    # The rest would take minutes.
    emulator.set_faults({"latency": "4s"})
    (folder.inbox / "gone.analysis.txt").unlink()
    error = await folder.error("gone.analysis.txt")
    assert "was taken out of inbox before its answer was complete" in error
    assert folder.progress("gone.analysis.txt") == {}
    assert not list(folder.outbox.glob("gone*"))
    billed_then = emulator.ledger.billed_total
    folder.drop("after.format.csv", contacts(VALID))
    await folder.report("after.format.csv")
    # At most what was being asked when it was canceled.
    assert emulator.ledger.billed_total - billed_then <= 200
    assert emulator.ledger.billed_total < 5_000


async def test_a_file_deleted_while_nobody_watched_leaves_no_trace(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    emulator.set_faults({"latency": "200ms"})
    watcher = paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", **QUICK)
    folder.drop("gone.analysis.txt", as_text(numbers(5_000)))
    await folder.until(lambda: folder.progress("gone.analysis.txt").get("status") == "progress")
    watcher.stop(9)
    emulator.set_faults({"latency": "4s"})
    (folder.inbox / "gone.analysis.txt").unlink()
    free_drop_claims(store)
    paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", **QUICK)
    await folder.error("gone.analysis.txt")
    await folder.until(lambda: not list(folder.outbox.iterdir()))
    assert emulator.ledger.billed_total < 5_000


async def test_a_file_that_is_replaced_is_answered_as_it_is_now(
    paying: Processes, emulator: Emulator, folder: DropFolder
) -> None:
    emulator.set_faults({"latency": "200ms"})
    paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", VALIDATOR_BATCH_CONCURRENCY="1", **QUICK)
    folder.drop("changing.analysis.txt", as_text(numbers(5_000)))
    await billed(emulator, 200)
    emulator.set_faults({"latency": "4s"})
    folder.drop("changing.analysis.txt", as_text(numbers(150, start=7_000)))
    report = await folder.report("changing.analysis.txt")
    assert report["count"] == 150
    assert [row["phone_number"] for row in folder.rows("changing.analysis.txt")] == numbers(150, start=7_000)
    assert emulator.ledger.billed_total < 2_000
    assert sorted(path.name for path in folder.done.iterdir()) == ["changing.analysis.txt"]


async def test_a_touched_file_goes_on_with_its_batch(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store
) -> None:
    emulator.set_faults({"latency": "100ms"})
    paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", **QUICK)
    folder.drop("touched.analysis.txt", as_text(numbers(3_000)))
    await billed(emulator, 200)
    (folder.inbox / "touched.analysis.txt").touch()
    report = await folder.report("touched.analysis.txt")
    assert (report["count"], report["reused_from"]) == (3_000, None)
    assert emulator.ledger.billed_total == 3_000
    with redis.Redis.from_url(store.url) as client:
        assert client.zcard("vs:batches") == 1


async def test_what_was_paid_before_costs_nothing_again(
    paying: Processes, emulator: Emulator, folder: DropFolder
) -> None:
    paying.watch(folder.root, **QUICK)
    folder.drop("first.analysis.txt", as_text(numbers(50)))
    first = await folder.report("first.analysis.txt")
    assert first["paid"] == 50
    folder.drop("second.analysis.txt", as_text(numbers(50)))
    second = await folder.report("second.analysis.txt")
    assert (second["cost"], second["paid"], second["saved"]) == ("0", 0, first["cost"])
    assert second["reused_from"] == first["request_uuid"]
    again = folder.rows("second.analysis.txt")
    assert {(row["cost"], row["source"]) for row in again} == {("0", "cache")}
    before = folder.rows("first.analysis.txt")
    changed = ("cost", "source")
    assert [{k: v for k, v in row.items() if k not in changed} for row in again] == [
        {k: v for k, v in row.items() if k not in changed} for row in before
    ]
    (folder.inbox / "third.analysis.txt.toml").write_text("force = true")
    folder.drop("third.analysis.txt", as_text(numbers(50)))
    assert (await folder.report("third.analysis.txt"))["paid"] == 50
    assert emulator.ledger.billed_total == 100


async def test_equal_files_dropped_together_are_one_batch(
    paying: Processes, emulator: Emulator, folder: DropFolder
) -> None:
    for name in ("one", "two", "three"):
        folder.drop(f"{name}.analysis.txt", as_text(numbers(300)))
    for _ in range(2):
        paying.watch(folder.root, **QUICK)
    reports = [await folder.report(f"{name}.analysis.txt") for name in ("one", "two", "three")]
    assert len({report["request_uuid"] for report in reports}) == 1
    assert sum(report["paid"] for report in reports) == emulator.ledger.billed_total == 300
    assert sum(report["reused_from"] is None for report in reports) == 1


async def test_lookups_that_failed_are_tried_again_by_dropping_the_file_again(
    paying: Processes, emulator: Emulator, folder: DropFolder
) -> None:
    emulator.set_faults({"code042": "0.2"})
    paying.watch(folder.root, **QUICK)
    folder.drop("a.analysis.txt", as_text(numbers(200)))
    first = await folder.report("a.analysis.txt")
    assert first["unknown"] > 0
    emulator.set_faults({})
    folder.drop("b.analysis.txt", as_text(numbers(200)))
    second = await folder.report("b.analysis.txt")
    assert (second["unknown"], second["reused_from"]) == (0, None)
    assert second["paid"] == first["unknown"]


@contextlib.contextmanager
def small_disk(folder: DropFolder, _: Worker) -> Iterator[Callable[[], None]]:
    """A file system of 64 kB for the outbox, that can be made larger."""

    def mount(*options: str) -> bool:
        arguments = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder.outbox)]
        return subprocess.run(arguments, capture_output=True, check=False).returncode == 0

    try:
        if not mount("-o", "size=64k"):
            pytest.skip("file systems may not be mounted here")
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    try:
        yield lambda: assert_true(mount("-o", "remount,size=64m"))
    finally:
        subprocess.run(["umount", "-l", str(folder.outbox)], check=True)


@contextlib.contextmanager
def limited_files(_: DropFolder, watcher: Worker) -> Iterator[Callable[[], None]]:
    """A watcher that can write no file over 64 kB, until it is let."""
    pid = watcher.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (65_536, resource.RLIM_INFINITY))
    yield lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, before) and None


def assert_true(value: bool) -> None:
    assert value


FullDisk = Callable[[DropFolder, Worker], AbstractContextManager[Callable[[], None]]]


@pytest.mark.parametrize(
    ("full", "why"), [(small_disk, "No space left on device"), (limited_files, "File too large")]
)
async def test_a_full_outbox_is_waited_for(
    group: Processes, folder: DropFolder, full: FullDisk, why: str
) -> None:
    watcher = group.watch(folder.root, **QUICK)
    with full(folder, watcher) as mend:
        texts = numbers(3_000)
        folder.drop("large.txt", as_text(texts))
        await folder.until(lambda: folder.progress("large.txt").get("status") == "waiting")
        assert why in folder.progress("large.txt")["why"]
        assert any(b"file_waits" in line and why.encode() in line for line in watcher.log)
        assert [path.name for path in folder.outbox.iterdir()] == ["large.txt.progress.json"]
        # Meanwhile there is room for a small answer.
        folder.drop("small.format.csv", contacts(VALID))
        assert (await folder.report("small.format.csv"))["count"] == 1
        assert (folder.inbox / "large.txt").exists()
        mend()
        assert (await folder.report("large.txt"))["count"] == 3_000
        assert [row["phone_number"] for row in folder.rows("large.txt")] == texts


async def test_a_folder_that_is_away_for_a_while_is_waited_for(
    paying: Processes, emulator: Emulator, folder: DropFolder, tmp_path: Path
) -> None:
    emulator.set_faults({"latency": "100ms"})
    watcher = paying.watch(folder.root, VALIDATOR_WAVIX_CONCURRENCY="1", **QUICK)
    folder.drop("kept.analysis.txt", as_text(numbers(2_000)))
    await billed(emulator, 200)
    away = tmp_path / "away"
    folder.root.rename(away)
    await folder.until(lambda: any(b"drop folder is away" in line for line in watcher.log))
    await asyncio.sleep(3)
    away.rename(folder.root)
    report = await folder.report("kept.analysis.txt")
    assert (report["count"], report["reused_from"]) == (2_000, None)
    assert emulator.ledger.max_times_billed == 1


async def test_a_store_that_is_away_for_a_while_is_waited_for(
    group: Processes, folder: DropFolder, store: Store
) -> None:
    watcher = group.watch(folder.root, **QUICK)
    folder.drop("first.csv", contacts(VALID))
    await folder.report("first.csv")
    store.kill()
    folder.drop("second.csv", contacts(VALID, "15"))
    await folder.until(lambda: any(b"file_waits" in line for line in watcher.log))
    store.start()
    assert (await folder.report("second.csv"))["count"] == 2


async def test_an_object_store_that_takes_nothing_is_waited_for(
    group: Processes, folder: DropFolder, tmp_path: Path
) -> None:
    group.watch(folder.root, **QUICK)
    blocked = tmp_path / "data" / "segments" / "batches"
    # A file where the directory should be: as good as a full disk, for root too.
    blocked.rmdir()
    blocked.write_text("")
    folder.drop("waiting.csv", contacts(VALID))
    await folder.until(lambda: folder.progress("waiting.csv").get("status") == "waiting")
    blocked.unlink()
    assert (await folder.report("waiting.csv"))["count"] == 1
