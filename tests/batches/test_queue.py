"""Which segments are put into the queue, and when: each once, however many processes work the batch."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from docket import Docket

from tests.batches.asking import posted, reached
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import numbers
from tests.store import Store
from validator_svc.batches.batch import Batch
from validator_svc.batches.batching import Batching
from validator_svc.batches.ingest import UploadLimits
from validator_svc.batches.queue import AHEAD
from validator_svc.batches.spec import Order
from validator_svc.config import Settings
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup import metrics
from validator_svc.service import service

SEGMENTS = 40


@pytest.fixture
async def parts(store: Store, tmp_path: Path) -> AsyncIterator[Batching]:
    """What handles batches, without anything that works them."""
    settings = Settings(redis_url=store.url, data_dir=tmp_path, batch_concurrency=0)
    async with service(settings, store.url, Classifier(), None) as found:
        yield found.batching


async def accepted(parts: Batching, order: Order) -> str:
    """A batch of `SEGMENTS` segments of two rows that is under way."""
    plan, _ = await parts.ingest.texts(numbers(2 * SEGMENTS), order, UploadLimits(10_000, 10_000, 2))
    await parts.accept(plan)
    await parts.batches.begin(plan.batch_id)
    return plan.batch_id


async def loaded(parts: Batching, batch_id: str) -> Batch:
    batch = await parts.batches.load(batch_id)
    assert batch is not None
    return batch


async def put_in(docket: Docket) -> int:
    """How many segments were ever put into a queue from which nobody takes one."""
    async with docket.redis() as redis:
        return int(await redis.xlen(docket.stream_key))


async def work(parts: Batching, batch_id: str, index: int) -> None:
    """Work a segment as a worker does."""
    batch = await parts.workers.work.segment(batch_id, index)
    assert batch is not None
    await parts.queue.go_on(batch, index)


async def test_requests_to_be_screened_are_cut_as_what_needs_the_upstream(parts: Batching) -> None:
    assert parts.limits(Order("format")) == parts.free_limits
    assert parts.limits(Order("format", system="wavix-call")) == parts.paid_limits
    assert parts.paid_limits.segment_rows < parts.free_limits.segment_rows


async def test_a_segment_is_told_once_whoever_asks(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    told = [*range(AHEAD)]
    for index in range(SEGMENTS):
        counted = await parts.batches.record(batch_id, index, 0, {"answered": 2})
        assert counted in (b"done", b"ended")
        told += await parts.batches.to_put_in(batch_id, AHEAD, index, 4)
    assert told == [*range(SEGMENTS)]


async def test_one_that_was_worked_and_is_not_done_is_told_again(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    assert await parts.batches.to_put_in(batch_id, AHEAD, 3, 4) == [3]
    await parts.batches.pause(batch_id, "for a while", None)
    assert await parts.batches.to_put_in(batch_id, AHEAD, 3, 4) == []


async def test_all_are_told_to_whoever_sees_to_lost_ones(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    assert await parts.batches.to_put_in(batch_id, 4) == [0, 1, 2, 3]
    # Those after them are told anew as well: they may be lost too.
    await parts.batches.record(batch_id, 0, 0, {"answered": 2})
    assert await parts.batches.to_put_in(batch_id, 4, 0, 1) == [4]


async def test_nothing_is_told_or_left_of_a_batch_that_is_gone(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    await parts.batches.forget(batch_id)
    assert await parts.batches.to_put_in(batch_id, AHEAD) == []
    assert await parts.batches.load(batch_id) is None


async def test_one_by_one_is_gone_on_with_at_once(parts: Batching) -> None:
    """With a limit on the cost there is one segment in the queue; the next follows it, not the reconciler."""
    batch_id = await accepted(parts, Order("format", max_cost="1"))
    docket = parts.queue.dockets["small"]
    for index in range(3):
        assert await put_in(docket) == index + 1
        await work(parts, batch_id, index)


async def test_a_segment_that_is_handed_out_twice_is_counted_once(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    before = valid_numbers()
    for _ in range(2):
        await work(parts, batch_id, 0)
    assert valid_numbers() - before == 2
    assert (await loaded(parts, batch_id)).counts["valid"] == 2


def valid_numbers() -> float:
    """How many numbers of batches the figures tell to be valid."""
    return float(metrics.NUMBERS.labels("batch", "format", "valid")._value.get())


async def test_three_processes_put_each_segment_in_about_once(group: Processes, store: Store) -> None:
    small = {"VALIDATOR_SEGMENT_ROWS": "25"}
    served = group.serve(**small)
    for _ in range(2):
        group.worker(**small)
    before = store.commands()
    async with aiohttp.ClientSession(served.url) as client:
        batch_id = await posted(client, as_text(numbers(5_000)))
        await reached(client, batch_id, "success")
    after = store.commands()
    # Docket looks once whether it has the segment. The reconciler, should the machine stand still, helps.
    assert 200 <= after["hexists"] - before.get("hexists", 0) < 300
    assert after["xadd"] - before.get("xadd", 0) < 220
