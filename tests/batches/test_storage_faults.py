"""Stores that refuse, or are full: a clear state, nothing lost, on as soon as they are mended."""

from pathlib import Path

import aiohttp
import redis

from tests.batches.asking import posted, reached, records, refused
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text
from tests.lookup.paid import numbers
from tests.store import Store


async def test_a_batch_waits_for_an_object_store_that_takes_nothing(group: Processes, tmp_path: Path) -> None:
    waiting = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    texts = numbers(2_000)
    async with aiohttp.ClientSession(waiting.url) as client:
        batch_id = await posted(client, as_text(texts))
        blocked = tmp_path / "data" / "segments" / "batches" / batch_id / "results"
        # A file where the directory should be: as good as a full disk, for root too.
        blocked.write_text("")
        group.worker(**SMALL)
        shown = await reached(client, batch_id, "paused")
        assert str(shown["why"]).startswith("storage")
        blocked.unlink()
        await reached(client, batch_id, "success")
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts


async def test_an_upload_that_cannot_be_stored_is_refused(group: Processes, tmp_path: Path) -> None:
    service = group.serve()
    (tmp_path / "data" / "segments" / "batches").rmdir()
    (tmp_path / "data" / "segments" / "batches").write_text("")
    async with aiohttp.ClientSession(service.url) as client:
        status, code, message = await refused(client, as_text(numbers(10)))
        assert (status, code) == (503, "unavailable")
        assert "object store" in message
        (tmp_path / "data" / "segments" / "batches").unlink()
        assert len(await records(client, await posted(client, as_text(numbers(10))))) == 10


async def test_a_store_without_memory_refuses_and_goes_on(group: Processes, store: Store) -> None:
    service = group.serve(**SMALL)
    texts = numbers(3_000)
    with redis.Redis.from_url(store.url) as client_of_store:
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(client, as_text(texts))
            client_of_store.config_set("maxmemory", "1")
            status, code, _ = await refused(client, as_text(texts))
            assert (status, code) == (503, "unavailable")
            client_of_store.config_set("maxmemory", "0")
            await reached(client, batch_id, "success")
            assert [record["phone_number"] for record in await records(client, batch_id)] == texts


async def test_a_lost_object_fails_the_batch_and_says_so(group: Processes, tmp_path: Path) -> None:
    waiting = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    async with aiohttp.ClientSession(waiting.url) as client:
        batch_id = await posted(client, as_text(numbers(500)))
        (tmp_path / "data" / "segments" / "batches" / batch_id / "rows" / "00000003.texts").unlink()
        group.worker(**SMALL)
        shown = await reached(client, batch_id, "failed")
        assert "missing" in str(shown["why"])
