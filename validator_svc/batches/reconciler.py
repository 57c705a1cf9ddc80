"""The reconciler: sees to it that every batch goes on, whatever became of those who worked on it.

One process at a time tends all batches, every second or so. What was put into the queue can get
lost with a process or a store; the batch's state says what is to be done, and the reconciler puts it back.
"""

import asyncio
import contextlib
from collections.abc import Iterator

import structlog

from validator_svc.batches import keys
from validator_svc.batches.batch import Batch, UnreadableBatchError, is_of_wrong_type
from validator_svc.batches.leases import Leases
from validator_svc.batches.queue import Queue
from validator_svc.batches.segments import Segments, StorageError
from validator_svc.batches.spec import UNENDED, Status
from validator_svc.batches.state import Batches
from validator_svc.batches.sweep import Sweep
from validator_svc.batches.webhook import Webhook
from validator_svc.lookup.store import STORE_ERRORS
from validator_svc.moments import now_ms

log = structlog.get_logger()

PAUSE_S = 1.0
TURN_MS = 5_000
# Webhooks that are called at the same time, and how often each is tried: over the better part of a day.
MOST_CALLS = 20
MOST_TRIES = 25


class Reconciler:
    """Tends batches for as long as `run` runs."""

    def __init__(
        self, batches: Batches, segments: Segments, queue: Queue, webhook: Webhook | None = None
    ) -> None:
        self.batches = batches
        self.segments = segments
        self.queue = queue
        self._turn = Leases(batches.redis, TURN_MS)
        self.webhook = webhook
        self._sweep = Sweep(batches, segments)
        self._answered: dict[str, int] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._told_of: set[str] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Tend until `stopping` is set; what goes wrong is tried again."""
        while not stopping.is_set():
            try:
                if await self._turn.take(keys.KEEPER):
                    await self.tend()
            except STORE_ERRORS:
                # Said by `store_watch`, once for all that wait for the store.
                pass
            except StorageError as error:
                log.warning("keeper_waits", why=str(error))
            except Exception:
                log.exception("keeper_broke")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE_S)
        with contextlib.suppress(*STORE_ERRORS):
            await self._turn.give_back(keys.KEEPER)

    async def tend(self) -> None:
        """Look after every batch once."""
        ids = await self.batches.active()
        for batch_id, batch in zip(ids, await self.batches.load_many(ids), strict=True):
            with self._told_and_left(batch_id):
                if isinstance(batch, UnreadableBatchError):
                    raise batch
                if batch is None or batch.status not in UNENDED:
                    await self.batches.settle_end(batch_id)
                else:
                    await self._go_on(batch)
        self._answered = {batch_id: self._answered.get(batch_id, -1) for batch_id in ids}
        for batch_id in await self.batches.due(keys.ENDED):
            await self.batches.forget(batch_id)
        for batch_id in await self.batches.due(keys.LOOSE):
            with self._told_and_left(batch_id):
                await self._tidy(batch_id)
        await self._sweep.sweep_in_time()
        if self.webhook is not None:
            for batch_id in (await self.batches.due(keys.CALLS))[: MOST_CALLS - len(self._calls)]:
                with self._told_and_left(batch_id):
                    await self._begin_call(batch_id, self.webhook)

    @contextlib.contextmanager
    def _told_and_left(self, batch_id: str) -> Iterator[None]:
        """Tend one batch in the block: what is wrong with it alone is said once, and keeps up no other."""
        try:
            yield
        except StorageError:
            raise
        except Exception as error:
            if isinstance(error, STORE_ERRORS) and not is_of_wrong_type(error):
                raise
            if batch_id not in self._told_of:
                self._told_of.add(batch_id)
                log.exception("batch_not_tended", batch=batch_id)

    async def _tidy(self, batch_id: str) -> None:
        """Erase objects that nobody owns; a batch whose acceptance broke off half way is taken on instead."""
        batch = await self.batches.load(batch_id)
        if batch is not None:
            await self.batches.enlist(batch.plan)
            return
        await asyncio.to_thread(self.segments.erase, batch_id)
        await self.batches.objects_erased(batch_id)

    async def _begin_call(self, batch_id: str, webhook: Webhook) -> None:
        batch = await self.batches.load(batch_id)
        if batch is None or await self.batches.begin_call(batch_id) > MOST_TRIES:
            await self.batches.end_call(batch_id)
            return
        task = asyncio.create_task(self._call(batch, webhook))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, batch: Batch, webhook: Webhook) -> None:
        if await webhook.call(batch):
            with contextlib.suppress(*STORE_ERRORS):
                await self.batches.end_call(batch.plan.batch_id)

    async def _go_on(self, batch: Batch) -> None:
        batch_id = batch.plan.batch_id
        if batch.status is Status.PAUSED:
            if batch.again_ms is None or batch.again_ms > now_ms():
                return
            await self.batches.resume(batch_id, by_owner=False)
        # A batch that moves needs no help.
        answered = batch.counts.get("answered", 0)
        if self._answered.get(batch_id) == answered or batch.status is Status.PAUSED:
            await self.queue.schedule(batch)
        self._answered[batch_id] = answered
