"""The queue of segments, in docket: which are scheduled, how far ahead, and by whom they are worked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from docket import Docket

from validator_svc.batches import keys
from validator_svc.batches.spec import Status
from validator_svc.batches.state import Batch, Batches

# So many segments of a batch are in the queue at a time: enough for every worker to have one, few
# enough for another batch to get its turn soon.
AHEAD = 16

WorkSegment = Callable[[str, int], Awaitable[None]]


def make_docket(redis_url: str) -> Docket:
    """The docket of this service. What a task did is in the batch's state: docket need not keep it."""
    return Docket(name=keys.DOCKET, url=redis_url, execution_ttl=timedelta(0))


class Queue:
    """Puts segments on the docket. Arguments of tasks are ids: whoever works one reads the rest.

    All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, docket: Docket, batches: Batches) -> None:
        self.docket = docket
        self.batches = batches
        docket.register(self._not_here, names=["work_segment"])

    def work_here(self, work_segment: WorkSegment) -> None:
        """Say who works segments in this process."""

        async def work_and_go_on(batch_id: str, index: int) -> None:
            await work_segment(batch_id, index)
            await self.go_on(batch_id)

        self.docket.register(work_and_go_on, names=["work_segment"])

    async def schedule(self, batch: Batch) -> None:
        """See to it that the first open segments are in the queue; those that are stay where they are."""
        batch_id = batch.plan.batch_id
        await self.docket.add_many(
            self.docket.call("work_segment", key=f"{batch_id}:{index}:{batch.generation}")(batch_id, index)
            for index in await self.batches.todo(batch_id, ahead_of(batch))
        )

    async def go_on(self, batch_id: str) -> None:
        """A segment is done: whose turn comes with that goes into the queue."""
        batch = await self.batches.load(batch_id)
        if batch is not None and batch.status is Status.PROGRESS:
            await self.schedule(batch)

    async def _not_here(self, batch_id: str, index: int) -> None:
        raise RuntimeError("this process works no segments")


def ahead_of(batch: Batch) -> int:
    """How many segments may be under way. With a limit on the cost one by one, so that it holds."""
    return AHEAD if batch.plan.order.max_cost is None else 1
