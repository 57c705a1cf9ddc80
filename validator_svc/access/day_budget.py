"""What a key may use in a day (UTC): numbers and money, reserved before and given back if not used."""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from redis.asyncio import Redis

from validator_svc.access.api_key import ApiKey
from validator_svc.access.redis_keys import day

KEPT_S = 2 * 24 * 60 * 60
# A process takes numbers ahead, up to this part of the limit: Redis is not asked for each of them.
PART_AHEAD, MOST_AHEAD = 1_000, 1_000
DAYS_REMEMBERED = 1_000

# ARGV: numbers, billionths of a USD, the limits of both ('' for none), life of the key (s).
# Returns the name of the limit that this would pass: nothing is reserved then.
RESERVE = """
local used = redis.call('HMGET', KEYS[1], 'numbers', 'nano')
local numbers, nano = (used[1] or 0) + ARGV[1], (used[2] or 0) + ARGV[2]
if ARGV[3] ~= '' and tonumber(ARGV[1]) > 0 and numbers > tonumber(ARGV[3]) then return 'numbers_per_day' end
if ARGV[4] ~= '' and tonumber(ARGV[2]) > 0 and nano > tonumber(ARGV[4]) then return 'spend_per_day' end
redis.call('HSET', KEYS[1], 'numbers', string.format('%.0f', numbers), 'nano', string.format('%.0f', nano))
redis.call('EXPIRE', KEYS[1], ARGV[5])
return ''
"""


class DayUsedUpError(Exception):
    """A key's day is used up, or this would be more than is left of it."""

    def __init__(self, limit: str) -> None:
        """`limit`: the name of the key's field."""
        super().__init__(f"{limit}: this is more than is left of the key's day; the next begins at 00:00 UTC")
        self.limit = limit


class Reserved(NamedTuple):
    """What was reserved, and in which key of Redis."""

    name: str
    numbers: int
    nano: int


NOTHING = Reserved("", 0, 0)


class DayBudget:
    """The days of all keys. Both methods raise redis.exceptions.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._reserve = redis.register_script(RESERVE)
        self._ahead: dict[str, int] = {}

    async def reserve(self, key: ApiKey, numbers: int, nano: int) -> Reserved:
        """Reserve numbers, and money in billionths of a USD. Raises DayUsedUpError."""
        if not key.has_days:
            return NOTHING
        name = day(key.id, datetime.now(UTC).date())
        reserved = Reserved(name, numbers, nano)
        # Taken off before anything is awaited: nobody else in this process counts on it then.
        ahead = self._ahead.pop(name, 0)
        if numbers <= ahead and not nano:
            self._put_aside(name, ahead - numbers)
            return reserved
        missing = max(0, numbers - ahead)
        extra = min((key.numbers_per_day or 0) // PART_AHEAD, MOST_AHEAD)
        if not await self._passed(key, Reserved(name, missing + extra, nano)):
            self._put_aside(name, ahead + missing - numbers + extra)
        elif limit := await self._passed(key, Reserved(name, missing, nano)):
            self._put_aside(name, ahead)
            raise DayUsedUpError(limit)
        else:
            self._put_aside(name, ahead + missing - numbers)
        return reserved

    def take_ahead(self, key: ApiKey, numbers: int) -> bool:
        """Take numbers of those that this process has reserved ahead; False when Redis has to be asked."""
        if not key.has_days:
            return True
        name = day(key.id, datetime.now(UTC).date())
        if numbers > self._ahead.get(name, 0):
            return False
        self._put_aside(name, self._ahead.pop(name) - numbers)
        return True

    async def settle(self, reserved: Reserved, numbers: int, nano: int) -> None:
        """Say how much of it was used; the rest is given back, or what is over it added."""
        if not reserved.name or (numbers, nano) == (reserved.numbers, reserved.nano):
            return
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(reserved.name, "numbers", numbers - reserved.numbers)
            pipe.hincrby(reserved.name, "nano", nano - reserved.nano)
            pipe.expire(reserved.name, KEPT_S)
            await pipe.execute()

    def _put_aside(self, name: str, numbers: int) -> None:
        """Keep what is taken ahead for the next request."""
        if len(self._ahead) > DAYS_REMEMBERED:
            self._ahead.clear()
        if numbers:
            self._ahead[name] = self._ahead.get(name, 0) + numbers

    async def _passed(self, key: ApiKey, wanted: Reserved) -> str:
        """Reserve; the name of the limit that stands against it, empty when none does."""
        limits = ["" if limit is None else limit for limit in (key.numbers_per_day, key.spend_nano_per_day)]
        arguments = [wanted.numbers, wanted.nano, *limits, KEPT_S]
        limit: bytes = await self._reserve(keys=[wanted.name], args=arguments)
        return limit.decode()


def next_day_ms() -> int:
    """When the next day begins, in milliseconds since the epoch."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return int(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC).timestamp() * 1_000)


def seconds_left() -> int:
    """How many seconds are left of this day, at least one."""
    return max(1, round(next_day_ms() / 1_000 - time.time()))
