"""What becomes of batches: accepted, worked, paused, ended, erased. See `batch` for what one is."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis

from validator_svc.batches import keys, scripts
from validator_svc.batches.batch import Batch, Done, UnreadableBatchError, done_from, read
from validator_svc.batches.counts import Counts
from validator_svc.batches.spec import NOTES, UNENDED, Plan, Status
from validator_svc.lookup.payer import ACCOUNTED
from validator_svc.moments import DAY_MS, now_ms

CALL_DELAY_MS = 2_000
CALL_DELAY_MAX_MS = 60 * 60 * 1_000
ERASE_ABANDONED_MS = 10 * 60 * 1_000


OnEnd = Callable[[Batch], Awaitable[None]]
"""Is told of a batch that ended, was deleted before its end, or counted more after it; perhaps twice."""


async def nobody_told(batch: Batch) -> None:
    """Nobody is told of an end."""


class Batches:
    """All batches. Times are milliseconds since the epoch.

    All methods raise redis.exceptions.RedisError while the store is away, or refuses to write.
    """

    def __init__(self, redis: Redis, retention_ms: int) -> None:
        self.redis = redis
        self.retention_ms = retention_ms
        self.on_end: OnEnd = nobody_told
        self._life_ms = retention_ms + DAY_MS
        self._record = redis.register_script(scripts.RECORD)
        self._go_to = redis.register_script(scripts.GO_TO)
        self._retry = redis.register_script(scripts.RETRY)
        self._to_put_in = redis.register_script(scripts.TO_PUT_IN)

    async def upload_goes_on(self, batch_id: str) -> None:
        """Say that objects of this id are being written: they are erased when nobody says so any more."""
        await self.redis.zadd(keys.LOOSE, {batch_id: now_ms() + ERASE_ABANDONED_MS})

    async def upload_is_over(self, batch_id: str) -> None:
        """Say that nothing more of this id is written, nor taken on: its objects are to be erased."""
        await self.redis.zadd(keys.LOOSE, {batch_id: now_ms()})

    async def accept(self, plan: Plan) -> None:
        """Take a batch on; its segments are stored."""
        state, _, _, todo, _ = keys.of_batch(plan.batch_id)
        indices = range(plan.segments)
        for start in range(0, len(indices), 10_000):
            part = indices[start : start + 10_000]
            await self.redis.zadd(todo, {str(index): index for index in part})
        notes: list[str] = [each for name in NOTES for each in (name, getattr(plan.order, name))]
        await self.redis.hset(
            state, items=["plan", plan.to_json(), "status", Status.QUEUED, "why", "", "generation", 0, *notes]
        )
        await self.enlist(plan)

    async def enlist(self, plan: Plan) -> None:
        """Enter a batch where the reconciler finds it, and its objects as owned; repeatable, also at its end.

        Whoever accepts a batch may be killed before this: then whoever comes upon it does it.
        """
        async with self.redis.pipeline(transaction=False) as pipe:
            owner = plan.order.owner
            for index in {keys.ACTIVE, keys.active_of(owner), keys.ALL, keys.of_owner(owner)}:
                pipe.zadd(index, {plan.batch_id: plan.created_ms})
            pipe.zrem(keys.LOOSE, plan.batch_id)
            await pipe.execute()

    async def load(self, batch_id: str) -> Batch | None:
        """The batch; None when there is none of that id. Raises UnreadableBatchError."""
        (batch,) = await self.load_many([batch_id])
        if isinstance(batch, UnreadableBatchError):
            raise batch
        return batch

    async def load_many(self, ids: Sequence[str]) -> list[Batch | UnreadableBatchError | None]:
        """The batches of several ids; the error in place of one that cannot be read, so that others can."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for batch_id in ids:
                pipe.hgetall(keys.batch(batch_id))
                pipe.hgetall(keys.totals(batch_id))
            found = await pipe.execute(raise_on_error=False)
        return [read(state, totals) for state, totals in zip(found[::2], found[1::2], strict=True)]

    async def page(self, offset: int, limit: int, owner: str = "") -> tuple[int, list[Batch]]:
        """How many batches an owner has, or there are of all, and some of them, the newest first.

        Unreadable ones are left out.
        """
        index = keys.of_owner(owner)
        ids = ids_in(await self.redis.zrevrange(index, offset, offset + limit - 1) if limit else [])
        batches = await self.load_many(ids)
        gone = [batch_id for batch_id, batch in zip(ids, batches, strict=True) if batch is None]
        if gone:
            await self.redis.zrem(index, *gone)
        return await self.redis.zcard(index), [batch for batch in batches if isinstance(batch, Batch)]

    async def done(self, batch_id: str, indices: Sequence[int]) -> list[Done | None]:
        """The segments that are done among those asked for. Raises UnreadableBatchError."""
        if not indices:
            return []
        values = await self.redis.hmget(keys.done(batch_id), [str(index) for index in indices])
        try:
            return [None if value is None else done_from(value) for value in values]
        except (LookupError, TypeError, ValueError) as error:
            raise UnreadableBatchError(type(error).__name__) from None

    async def to_put_in(
        self, batch_id: str, ahead: int, worked: int | None = None, at_once: int = 1
    ) -> list[int]:
        """Which of the first `ahead` segments to be worked are to be put into the queue now.

        All of them unless one was just `worked`. Then each is told once, whichever process asks, when there
        are `at_once` of them or the batch is near its end; and the one just worked if it is not done.
        """
        found = await self._to_put_in(keys=keys.of_batch(batch_id), args=[ahead, or_empty(worked), at_once])
        return [int(each) for each in found]

    async def record(self, batch_id: str, index: int, generation: int, counts: Counts) -> bytes:
        """Count a segment whose result is stored; a second time changes nothing.

        Returns `scripts.DONE`, `ENDED` when it was the last, LATE when the batch had ended before, REPEATED
        when it was counted before, STALE for an older generation, or GONE.
        """
        worked = {name: count for name, count in counts.items() if name not in ACCOUNTED}
        entry = json.dumps({"generation": generation, "counts": worked})
        arguments: list[str | int] = [index, entry, generation, now_ms(), self._life_ms]
        result: bytes = await self._record(keys=keys.of_batch(batch_id), args=arguments)
        if result == scripts.ENDED:
            await self.settle_end(batch_id)
        elif result == scripts.LATE and (batch := await self.load(batch_id)) is not None:
            await self.on_end(batch)
        return result

    async def begin(self, batch_id: str) -> None:
        """The first segment is being worked."""
        await self._move(batch_id, Status.PROGRESS, [Status.QUEUED])

    async def pause(self, batch_id: str, why: str, again_ms: int | None) -> None:
        """Stop working for now."""
        await self._move(batch_id, Status.PAUSED, [Status.QUEUED, Status.PROGRESS], why, again_ms)

    async def resume(self, batch_id: str, by_owner: bool = True) -> bool:
        """Go on with a paused batch. Returns whether it was paused.

        When its owner says so, whoever works it tries the upstream at once, though its breaker is open.
        """
        return await self._move(batch_id, Status.PROGRESS, [Status.PAUSED], by_owner=by_owner)

    async def may_pay(self, batch_id: str) -> bool:
        """Whether the batch may go on to pay: it was not canceled, deleted, or given up."""
        status = await self.redis.hget(keys.batch(batch_id), "status")
        return isinstance(status, bytes) and status.decode() in UNENDED

    async def allow_cost(self, batch_id: str, max_cost: str) -> None:
        """Let a batch cost so much, USD as a decimal string, instead of what was said before."""
        await self.redis.hset(keys.batch(batch_id), "max_cost", max_cost)

    async def cancel(self, batch_id: str) -> bool:
        """Stop for good; what is answered stays. Returns whether it had not ended before."""
        return await self._end(batch_id, Status.CANCELED, "")

    async def fail(self, batch_id: str, why: str) -> None:
        """Give up."""
        await self._end(batch_id, Status.FAILED, why)

    async def retry(self, batch_id: str) -> int:
        """Put rows back whose lookup failed, or go on with a batch that was given up.

        Returns how many segments are to be worked; -1: it was canceled, or has not ended.
        """
        # Before too, so that it is tended even if this process ends in between.
        await self.redis.zadd(keys.ACTIVE, {batch_id: now_ms()})
        put_back = await self._retry(keys=keys.of_batch(batch_id), args=[now_ms()])
        if put_back == scripts.GONE:
            return 0
        if put_back > 0:
            if (batch := await self.load(batch_id)) is not None:
                await self.enlist(batch.plan)
            await self.redis.zrem(keys.ENDED, batch_id)
        return int(put_back)

    async def settle_end(self, batch_id: str) -> None:
        """Enter an ended batch where ended ones belong; repeatable."""
        batch = await self.load(batch_id)
        if batch is not None:
            await self.on_end(batch)
            await self.redis.zrem(keys.active_of(batch.plan.order.owner), batch_id)
        if batch is not None and batch.plan.order.webhook_url is not None:
            await self.redis.zadd(keys.CALLS, {batch_id: now_ms()}, nx=True)
        await self.redis.zadd(keys.ENDED, {batch_id: now_ms() + self.retention_ms}, nx=True)
        await self.redis.zrem(keys.ACTIVE, batch_id)

    async def forget(self, batch_id: str) -> None:
        """Erase the state; its objects are loose then, and erased when nobody can be writing any more.

        One that cannot be read goes too; from its owner's list when that is looked at, see `page`.
        """
        (found,) = await self.load_many([batch_id])
        batch = found if isinstance(found, Batch) else None
        owner = batch.plan.order.owner if batch is not None else ""
        if batch is not None and batch.status in UNENDED:
            await self.on_end(batch)
        await self.redis.zadd(keys.LOOSE, {batch_id: now_ms() + ERASE_ABANDONED_MS})
        await self.redis.unlink(*keys.of_batch(batch_id))
        indices = {keys.ACTIVE, keys.active_of(owner), keys.ENDED, keys.CALLS, keys.ALL, keys.of_owner(owner)}
        for index in indices:
            await self.redis.zrem(index, batch_id)

    async def objects_erased(self, batch_id: str) -> None:
        """The objects of an id are gone."""
        await self.redis.zrem(keys.LOOSE, batch_id)

    async def due(self, index: str) -> list[str]:
        """The ids in ENDED, LOOSE or CALLS whose time has come."""
        return ids_in(await self.redis.zrangebyscore(index, 0, now_ms()))

    async def is_listed(self, batch_id: str, owner: str) -> bool:
        """Whether an owner's list, or that of all, has the batch, whatever its state."""
        return await self.redis.zscore(keys.of_owner(owner), batch_id) is not None

    async def active(self) -> list[str]:
        """The ids of the batches that have not ended, the oldest first."""
        return ids_in(await self.redis.zrange(keys.ACTIVE, 0, -1))

    async def under_way(self, owner: str) -> int:
        """How many batches of an owner have not ended; of all where that is empty."""
        return await self.redis.zcard(keys.active_of(owner))

    async def begin_call(self, batch_id: str) -> int:
        """Note that a webhook is called now, and when to do it again should that fail; returns how often."""
        tries = int(await self.redis.hincrby(keys.batch(batch_id), "calls", 1))
        delay_ms = min(CALL_DELAY_MS * 2 ** min(tries, 20), CALL_DELAY_MAX_MS)
        await self.redis.zadd(keys.CALLS, {batch_id: now_ms() + delay_ms})
        return tries

    async def end_call(self, batch_id: str) -> None:
        """The webhook was called, or never will be."""
        await self.redis.zrem(keys.CALLS, batch_id)

    async def _end(self, batch_id: str, status: Status, why: str) -> bool:
        moved = await self._move(batch_id, status, UNENDED, why, life_ms=self._life_ms)
        if moved:
            await self.settle_end(batch_id)
        return moved

    async def _move(
        self,
        batch_id: str,
        status: Status,
        allowed: Sequence[Status],
        why: str = "",
        again_ms: int | None = None,
        life_ms: int | None = None,
        by_owner: bool = False,
    ) -> bool:
        owner = "1" if by_owner else ""
        times = (or_empty(again_ms), now_ms(), or_empty(life_ms))
        arguments: list[str | int] = [status, why, *times, owner, *allowed]
        before = await self._go_to(keys=keys.of_batch(batch_id), args=arguments)
        return before.decode() in allowed


def ids_in(members: Any) -> list[str]:
    """The members that Redis gave, as text."""
    return [member.decode() for member in members]


def or_empty(value: int | None) -> int | str:
    """A number for a script; empty when there is none."""
    return "" if value is None else value
