"""Usage told: sums over days, and the records themselves, some at a time, the newest first."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from redis.asyncio import Redis

from validator_svc.access import redis_keys
from validator_svc.access.usage import HOUR_MS, NOTHING_USED, Figures, Use, use_from
from validator_svc.access.usage_store import before, day_of, start_of
from validator_svc.moments import DAY_MS
from validator_svc.numbering.facts import REQUEST_TYPES

HASHES_AT_ONCE = 500
# Days with more records are read an hour at a time.
AT_ONCE = 2_000


class UsageQuery(NamedTuple):
    """Which usage is asked for."""

    from_ms: int
    to_ms: int
    """Up to here, but not with it."""
    owner: str | None = None
    """The id of a key; None: all, and what came without one."""
    request_type: str | None = None

    def has(self, use: Use) -> bool:
        """Whether a record, of an owner that is asked for, is one of these."""
        return self.from_ms <= use.at_ms < self.to_ms and self.request_type in (None, use.request_type)

    def days(self) -> Iterator[date]:
        """The days, the newest first."""
        day = day_of(self.to_ms - 1)
        while self.from_ms < self.to_ms and start_of(day) + DAY_MS > self.from_ms:
            yield day
            day = before(day)

    def has_whole(self, day: date) -> bool:
        """Whether the whole day is asked for."""
        return self.from_ms <= start_of(day) and start_of(day) + DAY_MS <= self.to_ms


class Sum(NamedTuple):
    """What records add up to."""

    records: int = 0
    figures: Figures = NOTHING_USED

    def plus(self, other: "Sum") -> "Sum":
        """Both added up."""
        return Sum(self.records + other.records, self.figures.plus(other.figures))


class UsageReport:
    """Reads what `UsageStore` wrote. All methods raise redis.exceptions.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    async def days(self, asked: UsageQuery) -> dict[date, Sum]:
        """The sums of the days on which something was used, the newest first."""
        wanted = [*asked.days()]
        owners = await self._owners(asked, wanted)
        whole = [(day, owner) for day in wanted if asked.has_whole(day) for owner in owners[day]]
        sums: dict[date, Sum] = defaultdict(Sum)
        for start in range(0, len(whole), HASHES_AT_ONCE):
            part = whole[start : start + HASHES_AT_ONCE]
            for (day, _), found in zip(part, await self._sums(part, asked), strict=True):
                sums[day] = sums[day].plus(found)
        for day in wanted:
            if not asked.has_whole(day):
                async for uses in self._records(asked, day, owners[day], at_once=1):
                    for use in uses:
                        sums[day] = sums[day].plus(Sum(1, use.figures))
        return {day: sums[day] for day in wanted if sums[day].records}

    async def records(
        self, asked: UsageQuery, days: dict[date, Sum], offset: int = 0
    ) -> AsyncIterator[Sequence[Use]]:
        """The records from the `offset`-th on, some at a time; `days`: what the method of that name gave."""
        for day, found in days.items():
            if offset >= found.records:
                offset -= found.records
                continue
            owners = await self._owners(asked, [day])
            at_once = 24 if found.records <= AT_ONCE else 1
            async for uses in self._records(asked, day, owners[day], at_once):
                if uses[offset:]:
                    yield uses[offset:]
                offset = max(0, offset - len(uses))

    async def _owners(self, asked: UsageQuery, days: Sequence[date]) -> dict[date, list[str]]:
        """Whose usage is to be read, for each day."""
        if asked.owner is not None:
            return {day: [asked.owner] for day in days}
        async with self.redis.pipeline(transaction=False) as pipe:
            for day in days:
                pipe.smembers(redis_keys.usage_owners(day))
            found: list[Any] = await pipe.execute()
        names = [sorted(each.decode() for each in members) for members in found]
        return {
            day: ["" if name == redis_keys.NO_KEY else name for name in some]
            for day, some in zip(days, names, strict=True)
        }

    async def _sums(self, part: Iterable[tuple[date, str]], asked: UsageQuery) -> list[Sum]:
        types = [asked.request_type] if asked.request_type else [*REQUEST_TYPES]
        fields = [redis_keys.usage_sums(each) for each in types]
        async with self.redis.pipeline(transaction=False) as pipe:
            for day, owner in part:
                pipe.hmget(redis_keys.usage(day, owner), fields)
            found: list[Any] = await pipe.execute()
        return [sum_of(values) for values in found]

    async def _records(
        self, asked: UsageQuery, day: date, owners: Sequence[str], at_once: int
    ) -> AsyncIterator[Sequence[Use]]:
        """The records of a day that are asked for, the newest first, so many hours at once."""
        start_ms = start_of(day)
        for last in range(23, -1, -at_once):
            hours = [*range(last - at_once + 1, last + 1)]
            async with self.redis.pipeline(transaction=False) as pipe:
                for owner in owners:
                    pipe.hmget(redis_keys.usage(day, owner), [f"{hour:02}" for hour in hours])
                found: list[Any] = await pipe.execute()
            uses = [
                use
                for owner, values in zip(owners, found, strict=True)
                for hour, lines in zip(hours, values, strict=True)
                for line in (lines or b"").decode().splitlines()
                if asked.has(use := use_from(owner, start_ms + hour * HOUR_MS, line))
            ]
            if uses:
                yield sorted(uses, key=lambda use: (-use.at_ms, use.owner, use.id))


def sum_of(values: Iterable[bytes | None]) -> Sum:
    """The sum over the fields of some types."""
    found = Sum()
    for value in values:
        if value is not None:
            records, _, figures = value.decode().partition(" ")
            found = found.plus(Sum(int(records), Figures.from_text(figures)))
    return found
