"""Working batches in this process: docket's worker and the reconciler, until they are told to stop."""

import asyncio
import os
import socket
import time
from datetime import timedelta

import structlog
from docket import Worker
from redis.asyncio import Redis

from validator_svc.batches import keys
from validator_svc.batches.batch import Batch
from validator_svc.batches.queue import Queue
from validator_svc.batches.reconciler import Reconciler
from validator_svc.batches.segment_work import SegmentWork
from validator_svc.batches.unreadable_messages import drop_unreadable
from validator_svc.lookup.store import STORE_ERRORS

log = structlog.get_logger()

# A segment whose worker gives no sign of life for so long goes to another one.
REDELIVERY = timedelta(seconds=5)
RECONNECTION = timedelta(seconds=1)
# How often docket looks for what was put in for a later moment: we put nothing in so.
LATER = timedelta(seconds=10)
# How long a worker sleeps when all its places are taken: what it loses between two short segments.
CHECK_INTERVAL: dict[keys.Lane, timedelta] = {
    "large": timedelta(milliseconds=20),
    # Of a small batch there is no next segment; while idle each look is a command of Redis.
    "small": timedelta(milliseconds=100),
}
RESTART_S = 1.0
# A worker that has not said for so long that it lives does not; it does so every other second.
SILENT_S = 15.0
# What handing back takes at most.
LAST_S = 3.0


class Workers:
    """Works segments, so many at the same time, and takes its turns as reconciler.

    Small batches have half as many places beside.
    """

    def __init__(self, work: SegmentWork, queue: Queue, reconciler: Reconciler, concurrency: int) -> None:
        self.work = work
        self.queue = queue
        self.concurrency = concurrency
        self.places: dict[keys.Lane, int] = {"large": concurrency, "small": -(-concurrency // 2)}
        self.reconciler = reconciler
        self.under_way: set[asyncio.Task[None]] = set()
        self._name = ""
        self._started_s = 0.0
        self._stopping = asyncio.Event()
        self._tending: asyncio.Task[None] | None = None
        self._working: list[asyncio.Task[None]] = []

    @property
    def is_stopping(self) -> bool:
        """Whether the process is about to end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin, in tasks of the running loop."""
        self._name = f"{socket.gethostname()}#{os.getpid()}"
        self._started_s = time.time()
        self.queue.work_here(self._segment)
        self._tending = asyncio.create_task(self.reconciler.run(self._stopping))
        self._working = [asyncio.create_task(self._work(lane)) for lane in keys.LANES]

    async def are_silent(self, redis: Redis) -> bool:
        """Whether docket's worker here has not reached the store for a while, though it should work.

        Raises redis.exceptions.RedisError.
        """
        if not self._working or self.is_stopping:
            return False
        for docket in self.queue.dockets.values():
            seen_s = await redis.zscore(docket.workers_set, self._name)
            if time.time() - max(seen_s or 0.0, self._started_s) > SILENT_S:
                return True
        return False

    async def stop(self, grace_s: float) -> None:
        """Take no more; give what is under way its time, then hand it back to the others."""
        self._stopping.set()
        if self._tending is None:
            return
        await asyncio.wait(self._working, timeout=grace_s)
        for task in list(self.under_way):
            task.cancel()
        # Not cancelled: a client of Redis that is just connecting swallows that, and goes on.
        await asyncio.wait([*self._working, self._tending], timeout=LAST_S)

    async def _segment(self, batch_id: str, index: int) -> Batch | None:
        task = asyncio.current_task()
        assert task is not None
        self.under_way.add(task)
        try:
            return await self.work.segment(batch_id, index)
        finally:
            self.under_way.discard(task)

    async def _work(self, lane: keys.Lane) -> None:
        is_broken = False
        while not self._stopping.is_set():
            try:
                if is_broken:
                    await drop_unreadable(self.work.batches.redis, self.queue.dockets[lane])
                    is_broken = False
                await self._run_worker(lane)
            except STORE_ERRORS:
                # Said by `store_watch`.
                await asyncio.sleep(RESTART_S)
            except Exception:
                log.exception("worker_broke")
                await asyncio.sleep(RESTART_S)
                is_broken = True

    async def _run_worker(self, lane: keys.Lane) -> None:
        worker = Worker(
            self.queue.dockets[lane],
            name=self._name,
            concurrency=self.places[lane],
            redelivery_timeout=REDELIVERY,
            reconnection_delay=RECONNECTION,
            minimum_check_interval=CHECK_INTERVAL[lane],
            scheduling_resolution=LATER,
            schedule_automatic_tasks=False,
        )
        # Cancelling it would not do, see above; leaving the block is what it understands.
        async with worker:
            running = asyncio.create_task(worker.run_forever())
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        await running
