"""Objects in the store: one that rotted is a clear failure, and those that nobody owns go in the end."""

import os
import random
import time
from pathlib import Path

import aiohttp
import redis
from obstore.store import MemoryStore

from tests.batches.asking import posted, reached, results
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text
from tests.batches.test_downloads import people
from tests.lookup.paid import numbers
from tests.store import Store
from tests.waiting import wait_until
from validator_svc.batches.segments import MissingObjectError, Segments

BATCH = "6c1c2f5e-0000-4000-8000-000000000001"
LIFE_S = 8 * 24 * 60 * 60


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def flip(path: Path, bit: int | None = None) -> None:
    """Change one bit in the midst of a stored object."""
    content = path.read_bytes()
    path.write_bytes(flipped(content, 8 * len(content) // 2 if bit is None else bit))


def test_no_bit_that_flips_makes_other_rows() -> None:
    store = MemoryStore()
    segments = Segments(store)
    lines = b"".join(b'{"phone_number":"%b","is_valid":true}\n' % text.encode() for text in numbers(200))
    segments.put_result(BATCH, 0, 0, lines)
    path = f"batches/{BATCH}/results/00000000.0"
    stored = bytes(store.get(path).bytes())
    found_out = 0
    for bit in random.Random(1).sample(range(8 * len(stored)), 1_000):
        store.put(path, flipped(stored, bit))
        try:
            assert segments.result(BATCH, 0, 0) == lines
        except MissingObjectError:
            found_out += 1
    assert found_out > 900


async def test_rows_that_rotted_fail_their_batch(group: Processes, tmp_path: Path) -> None:
    service = group.serve(VALIDATOR_BATCH_CONCURRENCY="0", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, people(numbers(500)), "text/csv")
        flip(tmp_path / "data" / "segments" / "batches" / batch_id / "rows" / "00000002.cells")
        worker = group.worker(**SMALL)
        shown = await reached(client, batch_id, "failed")
        assert str(shown["why"]) == "storage: a stored object of this batch is missing or broken"
        assert any(b"does not fit its checksum" in line for line in worker.log)


async def test_results_that_rotted_never_pass_for_rows(group: Processes, tmp_path: Path) -> None:
    service = group.serve(**SMALL)
    queries = [{"format": "ndjson"}, {"format": "csv"}, {"dialect": "excel"}, {"only": "valid"}]
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, people(numbers(500)), "text/csv")
        await reached(client, batch_id, "success")
        before = [await results(client, batch_id, **query) for query in queries]
        for path in (tmp_path / "data" / "segments" / "batches" / batch_id / "results").glob("00000002.*"):
            flip(path)
        for coding in ("identity", "zstd", "gzip"):
            for query, whole in zip(queries, before, strict=True):
                came, is_whole = await followed(client, batch_id, coding, query)
                assert not is_whole
                assert whole.startswith(came)
        # Nothing was sent yet, so it has a status of its own.
        for query in ({"format": "ndjson", "offset": "200"}, {"format": "xlsx"}):
            path_of = f"/v1/batches/{batch_id}/results"
            async with client.get(path_of, params=query) as response:
                assert response.status == 503
                assert "is broken" in (await response.json())["message"]


async def followed(
    client: aiohttp.ClientSession, batch_id: str, coding: str, query: dict[str, str]
) -> tuple[bytes, bool]:
    """What comes of the results, and whether it ends as a whole."""
    headers = {"Accept-Encoding": coding}
    came = b""
    async with client.get(f"/v1/batches/{batch_id}/results", params=query, headers=headers) as response:
        assert response.status == 200
        try:
            while piece := await response.content.readany():
                came += piece
        except aiohttp.ClientPayloadError:
            return came, False
    return came, True


async def test_objects_that_redis_knows_nothing_of_go_in_the_end(
    group: Processes, store: Store, tmp_path: Path
) -> None:
    service = group.serve(**SMALL)
    folder = tmp_path / "data" / "segments" / "batches"
    async with aiohttp.ClientSession(service.url) as client:
        old, young = [await posted(client, as_text(numbers(300))) for _ in range(2)]
        for batch_id in (old, young):
            await reached(client, batch_id, "success")
    service.stop()
    (folder / "somebody-else").mkdir()
    (folder / "somebody-else" / "file").write_bytes(b"")
    with redis.Redis.from_url(store.url) as client_of_store:
        client_of_store.flushall()
    service = group.serve(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        kept = await posted(client, as_text(numbers(300)))
        await reached(client, kept, "success")
    service.stop()
    for path in folder.rglob("*"):
        if young not in str(path):
            os.utime(path, (time.time() - LIFE_S - 60,) * 2)
    group.serve(**SMALL)
    await wait_until(lambda: not list((folder / old).rglob("*.*")))
    assert len(list((folder / young).rglob("*.0"))) == 3
    assert len(list((folder / kept).rglob("*.0"))) == 3
    assert (folder / "somebody-else" / "file").exists()
