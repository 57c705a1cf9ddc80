"""The queue of segments, in docket: which are scheduled, how far ahead, and by whom they are worked.

Small batches have a queue and places of their own: they never wait for a large one, however long its
segments take. In the other one each batch has a few segments at a time, so that all get their turns.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from docket import Docket

from validator_svc.batches import keys
from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import Plan
from validator_svc.batches.state import Batches
from validator_svc.lookup.redis_client import docket_url

# So many segments of a batch are in the queue at a time: enough for every worker to have one, few
# enough for another batch to get its turn soon.
AHEAD = 16
# Of each of many batches that an owner has under way, at least so many.
LEAST_AHEAD = 4
# More go in when one in so many of them is done: several at a time cost little more than one.
REFILLS = 4
SMALL_ROWS = 1_000
CLOSE_S = 2.0

WorkSegment = Callable[[str, int], Awaitable[Batch | None]]
"""Works a segment; returns its batch as it was before, None when it cannot be worked any more."""


@asynccontextmanager
async def opened_dockets(redis_url: str) -> AsyncIterator[dict[keys.Lane, Docket]]:
    """The dockets of this service. What a task did is in the batch's state: docket need not keep it."""
    async with AsyncExitStack() as stack:
        dockets: dict[keys.Lane, Docket] = {}
        for lane in keys.LANES:
            docket = Docket(name=keys.docket(lane), url=docket_url(redis_url), execution_ttl=timedelta(0))
            dockets[lane] = await stack.enter_async_context(opened(docket))
        yield dockets


@asynccontextmanager
async def opened(docket: Docket) -> AsyncIterator[Docket]:
    """A docket whose closing ends, too.

    It cancels a task that listens to Redis, and waits for it; but a client of Redis that is just connecting
    swallows that, and goes on listening. Those that are left at the end of the process are cancelled again.
    """
    await docket.__aenter__()
    try:
        yield docket
    finally:
        closing = asyncio.ensure_future(docket.__aexit__(None, None, None))
        done, _ = await asyncio.wait([closing], timeout=CLOSE_S)
        if done:
            closing.result()
        else:
            closing.cancel()
            await asyncio.wait([closing], timeout=CLOSE_S)


def lane_of(plan: Plan) -> keys.Lane:
    """The queue that a batch's segments are in."""
    return "small" if plan.rows <= SMALL_ROWS else "large"


class Queue:
    """Puts segments on the docket. Arguments of tasks are ids: whoever works one reads the rest.

    All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, dockets: Mapping[keys.Lane, Docket], batches: Batches) -> None:
        self.dockets = dockets
        self.batches = batches
        for docket in dockets.values():
            docket.register(self._not_here, names=["work_segment"])

    def work_here(self, work_segment: WorkSegment) -> None:
        """Say who works segments in this process."""

        async def work_and_go_on(batch_id: str, index: int) -> None:
            batch = await work_segment(batch_id, index)
            if batch is not None:
                await self.go_on(batch, index)

        for docket in self.dockets.values():
            docket.register(work_and_go_on, names=["work_segment"])

    async def schedule(self, batch: Batch) -> None:
        """See to it that the first open segments are in the queue; those that are stay where they are."""
        await self._put(batch, await self.batches.to_put_in(batch.plan.batch_id, await self._ahead_of(batch)))

    async def go_on(self, batch: Batch, index: int) -> None:
        """A segment was worked: whose turn comes with that goes into the queue, it again if it is not done.

        What any process has put in is left to the reconciler, should it have got lost.
        """
        ahead = await self._ahead_of(batch)
        at_once = max(1, ahead // REFILLS)
        await self._put(batch, await self.batches.to_put_in(batch.plan.batch_id, ahead, index, at_once))

    async def _put(self, batch: Batch, indices: Sequence[int]) -> None:
        if not indices:
            return
        batch_id, generation = batch.plan.batch_id, batch.generation
        docket = self.dockets[lane_of(batch.plan)]
        await docket.add_many(
            docket.call("work_segment", key=f"{batch_id}:{index}:{generation}")(batch_id, index)
            for index in indices
        )

    async def _ahead_of(self, batch: Batch) -> int:
        """How many segments may be under way. With a limit on the cost one by one, so that it holds."""
        if batch.plan.order.max_cost is not None:
            return 1
        return max(LEAST_AHEAD, AHEAD // max(1, await self.batches.under_way(batch.plan.order.owner)))

    async def _not_here(self, batch_id: str, index: int) -> None:
        raise RuntimeError("this process works no segments")
