"""The queue of segments, in docket: which are scheduled, how far ahead, and by whom they are worked."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from docket import Docket

from validator_svc.batches import keys
from validator_svc.batches.spec import Status
from validator_svc.batches.state import Batch, Batches
from validator_svc.lookup.redis_client import docket_url

# So many segments of a batch are in the queue at a time: enough for every worker to have one, few
# enough for another batch to get its turn soon.
AHEAD = 16
# More go in when so many of them are done: putting one in again that is there costs as much as a new one.
AT_ONCE = 4
# Batches of which it is remembered what was put into the queue.
BATCHES_KEPT = 1_000

WorkSegment = Callable[[str, int], Awaitable[None]]


def make_docket(redis_url: str) -> Docket:
    """The docket of this service. What a task did is in the batch's state: docket need not keep it."""
    return Docket(name=keys.DOCKET, url=docket_url(redis_url), execution_ttl=timedelta(0))


class Queue:
    """Puts segments on the docket. Arguments of tasks are ids: whoever works one reads the rest.

    All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, docket: Docket, batches: Batches) -> None:
        self.docket = docket
        self.batches = batches
        self._put_in: dict[tuple[str, int], set[int]] = {}
        docket.register(self._not_here, names=["work_segment"])

    def work_here(self, work_segment: WorkSegment) -> None:
        """Say who works segments in this process."""

        async def work_and_go_on(batch_id: str, index: int) -> None:
            await work_segment(batch_id, index)
            await self.go_on(batch_id, index)

        self.docket.register(work_and_go_on, names=["work_segment"])

    async def schedule(self, batch: Batch) -> None:
        """See to it that the first open segments are in the queue; those that are stay where they are."""
        await self._put(batch, await self.batches.todo(batch.plan.batch_id, ahead_of(batch)))

    async def go_on(self, batch_id: str, index: int) -> None:
        """A segment was worked: whose turn comes with that goes into the queue, it again if it is not done.

        What else this process has put in is left to the reconciler, should it have got lost.
        """
        batch = await self.batches.load(batch_id)
        if batch is None or batch.status is not Status.PROGRESS:
            return
        todo = await self.batches.todo(batch_id, ahead_of(batch))
        known = self._put_in.get((batch_id, batch.generation), set())
        known.discard(index)
        new = [index for index in todo if index not in known]
        if len(new) >= AT_ONCE or len(todo) < AHEAD:
            await self._put(batch, new)

    async def _put(self, batch: Batch, indices: Sequence[int]) -> None:
        if not indices:
            return
        batch_id, generation = batch.plan.batch_id, batch.generation
        await self.docket.add_many(
            self.docket.call("work_segment", key=f"{batch_id}:{index}:{generation}")(batch_id, index)
            for index in indices
        )
        known = self._put_in.pop((batch_id, generation), set())
        # Those before are done, or have been lost; and few are put in at a time.
        self._put_in[batch_id, generation] = {*sorted(known)[-AHEAD:], *indices}
        if len(self._put_in) > BATCHES_KEPT:
            del self._put_in[next(iter(self._put_in))]

    async def _not_here(self, batch_id: str, index: int) -> None:
        raise RuntimeError("this process works no segments")


def ahead_of(batch: Batch) -> int:
    """How many segments may be under way. With a limit on the cost one by one, so that it holds."""
    return AHEAD if batch.plan.order.max_cost is None else 1
