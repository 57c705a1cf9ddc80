"""Batches over S3: as over a directory, and with faults of the store in between, but nothing lost."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import redis

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import act, posted, reached, records, refused, results, state
from tests.batches.processes import Processes, processes
from tests.batches.test_crash import SMALL, as_text, free_claims
from tests.lookup.conftest import at_upstream
from tests.lookup.paid import numbers
from tests.s3 import S3, running_s3
from tests.store import Store
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with running_s3() as server:
        yield server


@pytest.fixture
def s3(server: S3) -> Iterator[S3]:
    """The server without faults, before and after."""
    yield server
    server.refuses = server.fails_every = 0
    server.slow_s = 0.0


@pytest.fixture
def free(s3: S3, store: Store, tmp_path: Path) -> Iterator[Processes]:
    """Processes without an upstream."""
    with processes(tmp_path / "data", REDIS_URL=store.url, **s3.settings) as group:
        yield group


@pytest.fixture
def paying(s3: S3, store: Store, emulator: Emulator, tmp_path: Path) -> Iterator[Processes]:
    """Processes that pay the emulator."""
    settings = {
        "REDIS_URL": store.url,
        **at_upstream(emulator),
    }
    with processes(tmp_path / "data", **settings, **s3.settings) as group:
        yield group


async def test_a_paid_batch_through_faults_and_a_killed_worker(
    paying: Processes, s3: S3, emulator: Emulator, store: Store
) -> None:
    emulator.set_faults({"latency": "50ms"})
    texts = numbers(1_000)
    service = paying.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    worker = paying.worker(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        s3.fails_every = 5
        batch_id = await posted(client, as_text(texts), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total > 300)
        s3.slow_s = 0.3
        worker.stop(signal.SIGKILL)
        free_claims(store)
        paying.worker(**SMALL)
        asked = s3.asked
        await wait_until(lambda: s3.asked > asked + 3)
        s3.slow_s = 0.0
        shown = await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
    ledger = emulator.ledger
    # Of the killed process only what it was asking just then is paid again, and its answers did not come.
    assert ledger.distinct_numbers == shown["paid"] == 1_000
    assert ledger.billed_total - 1_000 <= 500
    assert s3.refused


async def test_a_store_that_refuses_pauses_the_batch_until_it_takes_again(free: Processes, s3: S3) -> None:
    waiting = free.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    texts = numbers(500)
    async with aiohttp.ClientSession(waiting.url) as client:
        batch_id = await posted(client, as_text(texts))
        s3.refuses = 500
        free.worker(**SMALL)
        shown = await reached(client, batch_id, "paused")
        assert shown["why"] == "storage: the object store fails: it answers 500 Internal Server Error"
        status, code, message = await refused(client, as_text(texts))
        assert (status, code) == (503, "unavailable")
        assert "object store" in message
        s3.refuses = 0
        # By itself, without anybody resuming it.
        await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
        s3.refuses = 403
        async with client.get(f"/v1/batches/{batch_id}/results") as response:
            assert response.status == 503
            assert (await response.json())["code"] == "unavailable"
        s3.refuses = 0
        assert len(await records(client, batch_id)) == 500


async def test_what_a_refused_upload_left_is_erased_once_the_store_takes_that(
    free: Processes, s3: S3, store: Store
) -> None:
    service = free.serve(VALIDATOR_SEGMENT_ROWS="100")
    arrived = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield as_text(numbers(20_000))
        await arrived.wait()
        yield as_text(numbers(20_000))

    before = set(s3.names())
    async with aiohttp.ClientSession(service.url) as client:
        sending = asyncio.create_task(
            client.post("/v1/batches?type=format", data=body(), headers={"Content-Type": "text/plain"})
        )
        await wait_until(lambda: set(s3.names()) - before)
        s3.refuses = 503
        arrived.set()
        async with await sending as response:
            assert response.status == 503
    assert set(s3.names()) - before
    s3.refuses = 0
    await wait_until(lambda: not set(s3.names()) - before)
    with redis.Redis.from_url(store.url) as client_of_store:
        await wait_until(lambda: not client_of_store.exists("vs:batches:loose"))


async def test_files_and_their_answers_are_the_same_as_from_a_directory(
    free: Processes, s3: S3, tmp_path: Path
) -> None:
    rows = "".join(f'{at},"Name; {at}",{number}\r\n' for at, number in enumerate(numbers(500)))
    file = f"id,name,phone\r\n{rows}".encode()
    answers = []
    for more in ({}, {"VALIDATOR_STORAGE_URL": f"file://{tmp_path}/objects"}):
        service = free.serve(**SMALL, **more)
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(client, file, "text/csv", type="analysis")
            await reached(client, batch_id, "success")
            answers.append(
                [await results(client, batch_id, format=each, only="valid") for each in ("csv", "ndjson")]
            )
            assert [key for key in s3.names() if batch_id in key] or more
            async with client.delete(f"/v1/batches/{batch_id}") as response:
                assert response.status == 204
        assert not [name for name in s3.names() if batch_id in name and name.endswith(".0")]
        assert await asyncio.to_thread(service.stop) == 0
    assert answers[0] == answers[1]


async def test_a_lost_object_is_said_and_the_batch_goes_on_with_it_once_it_is_back(
    free: Processes, s3: S3
) -> None:
    waiting = free.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    texts = numbers(500)
    async with aiohttp.ClientSession(waiting.url) as client:
        batch_id = await posted(client, as_text(texts))
        (lost,) = [key for key in s3.names() if key.endswith(f"{batch_id}/rows/00000003.texts")]
        content = s3.content(lost)
        s3.lose(lost)
        free.worker(**SMALL)
        shown = await reached(client, batch_id, "failed")
        assert "missing or broken" in str(shown["why"])
        s3.put(lost, content)
        assert (await act(client, batch_id, "retry"))[0] == 200
        await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
        assert (await state(client, batch_id))["count"] == 500
