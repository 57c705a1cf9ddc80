"""In which order what people look at appears and goes: whoever sees an answer sees no progress any more."""

import aiohttp
import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.dropbox.dropping import DropFolder, contacts
from tests.dropbox.events import Event, events_in
from tests.dropbox.test_drop_faults import QUICK
from tests.lookup.paid import numbers
from tests.store import Store

VALID = "+6281234567000"
SLOW = QUICK | {"VALIDATOR_WAVIX_CONCURRENCY": "1", "VALIDATOR_BATCH_CONCURRENCY": "1"}


def tail(name: str, *answers: str) -> list[Event]:
    """How every file ends: its progress goes, its answers appear, it leaves the inbox."""
    return [
        Event(f"{name}.progress.json", "gone"),
        *(Event(f"{name}.{answer}", "there") for answer in answers),
    ]


def without_moves(events: list[Event], name: str) -> list[Event]:
    """The events of what is told and answered, without those of the file and its sidecar."""
    return [event for event in events if event.name not in (name, f"{name}.toml")]


ANSWERED = ("results.csv", "report.html", "report.json")
FAILED = ("error.txt",)


@pytest.mark.parametrize("name", ["first.csv", "again.csv"])
async def test_a_file_that_is_answered_or_answered_again(watched: DropFolder, name: str) -> None:
    with events_in(watched.inbox, watched.outbox) as events:
        watched.drop(name, contacts(VALID, "16"))
        await watched.report(name)
        told = without_moves(events.of(name), name)
        assert told[0] == Event(f"{name}.progress.json", "there")
        assert told[-4:] == tail(name, *ANSWERED)
        assert told.count(told[-4]) == 1
        assert events.of(name)[-1] == Event(name, "gone")


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("empty.csv", "", ""),
        ("quote.csv", 'name,phone\n"Bob,13\n', ""),
        ("asked.csv", contacts(VALID), "speed = 1"),
    ],
)
async def test_a_file_that_cannot_be_used(watched: DropFolder, name: str, text: str, options: str) -> None:
    with events_in(watched.inbox, watched.outbox, watched.failed) as events:
        if options:
            (watched.inbox / f"{name}.toml").write_text(options)
        watched.drop(name, text)
        await watched.error(name)
        told = [event.name for event in without_moves(events.of(name), name)]
        assert told[-1] == f"{name}.error.txt"
        # It may be over before there is anything to tell.
        assert told[:-1] in ([], [f"{name}.progress.json"] * 2)


async def test_results_in_another_format_go_before_the_new_report_comes(watched: DropFolder) -> None:
    watched.drop("turned.csv", contacts("17"))
    await watched.report("turned.csv")
    with events_in(watched.outbox) as events:
        (watched.inbox / "turned.csv.toml").write_text('format = "ndjson"\n')
        watched.drop("turned.csv", contacts("18"))
        await watched.until((watched.done / "turned (2).csv").exists)
        assert events.of("turned.csv")[-5:] == [
            Event("turned.csv.progress.json", "gone"),
            Event("turned.csv.results.csv", "gone"),
            Event("turned.csv.results.ndjson", "there"),
            Event("turned.csv.report.html", "there"),
            Event("turned.csv.report.json", "there"),
        ]


@pytest.mark.parametrize("how", ["it is deleted", "its batch is canceled", "its batch is deleted"])
async def test_a_file_that_is_given_up_while_it_is_worked(
    paying: Processes, emulator: Emulator, folder: DropFolder, store: Store, how: str
) -> None:
    name = "given.analysis.txt"
    emulator.set_faults({"latency": "200ms"})
    paying.watch(folder.root, **SLOW)
    with events_in(folder.outbox, folder.failed) as events:
        folder.drop(name, as_text(numbers(5_000)))
        await folder.until(lambda: folder.progress(name).get("status") == "progress")
        # The rest would take minutes.
        emulator.set_faults({"latency": "4s"})
        if how == "it is deleted":
            (folder.inbox / name).unlink()
        else:
            await ended(paying, store, is_deleted="deleted" in how)
        await folder.error(name)
        told = [event for event in events.of(name) if event.name != name]
        assert told[-2:] == tail(name, *FAILED)
        assert told.count(told[-2]) == 1
    assert not list(folder.outbox.iterdir())
    assert emulator.ledger.billed_total < 5_000


async def ended(group: Processes, store: Store, is_deleted: bool) -> None:
    """End the one batch that there is, over HTTP."""
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    with redis.Redis.from_url(store.url) as client:
        (batch_id,) = (each.decode() for each in client.zrange("vs:batches", 0, -1))
    async with aiohttp.ClientSession(service.url) as client:
        if is_deleted:
            async with client.delete(f"/v1/batches/{batch_id}") as response:
                assert response.status == 204
        else:
            assert (await act(client, batch_id, "cancel"))[0] == 200


async def test_an_answer_that_cannot_be_written_is_told_of_until_it_can(
    group: Processes, folder: DropFolder
) -> None:
    group.watch(folder.root, **QUICK)
    # A folder where the report should be: the results have appeared by then.
    obstacle = folder.outbox / "held.csv.report.json"
    (obstacle / "inner").mkdir(parents=True)
    with events_in(folder.outbox) as events:
        folder.drop("held.csv", contacts(VALID))
        await folder.until(lambda: folder.progress("held.csv").get("status") == "waiting")
        (obstacle / "inner").rmdir()
        obstacle.rmdir()
        await folder.report("held.csv")
        assert events.of("held.csv")[-4:] == tail("held.csv", *ANSWERED)
    assert sorted(path.name for path in folder.outbox.iterdir()) == [
        "held.csv.report.html",
        "held.csv.report.json",
        "held.csv.results.csv",
    ]
