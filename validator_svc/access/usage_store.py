"""Records of usage in Redis: a hash for each day of each owner, see `redis_keys`.

Such a hash has a field for each hour of the day (UTC), with a line for each record: its id and its figures.
The first ones of an hour stand alone; from then on those of a minute, type and kind are added up. So an
owner who never rests has some ninety lines an hour, four kilobytes. Another field for each type has the
day's lines and figures added up, so that sums over many days need none of the lines.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from redis.asyncio import Redis

from validator_svc.access import redis_keys
from validator_svc.access.usage import Use

ALONE, BATCHES_ALONE = 30, 1_000
DAY_S = 24 * 60 * 60

# ARGV: life of the key (s), lines of an hour after which requests, and batches, are added up, then for each
# record: hour, id, id of its minute, field of its type, 'add' or 'set', figures. What is set takes the
# place of what was there under the id, so that it may be said twice.
ADD = """
local function added(text, other, sign)
  local sums = {}
  for each in string.gmatch(text, '%-?%d+') do sums[#sums + 1] = tonumber(each) end
  local at = 0
  for each in string.gmatch(other, '%-?%d+') do
    at = at + 1
    sums[at] = (sums[at] or 0) + sign * tonumber(each)
  end
  for i, each in ipairs(sums) do sums[i] = string.format('%.0f', each) end
  return table.concat(sums, ' ')
end
local hours = {}
local function hour_of(name)
  if hours[name] then return hours[name] end
  local hour = {ids = {}, lines = {}}
  for id, figures in string.gmatch(redis.call('HGET', KEYS[1], name) or '', '(%S+) ([^\\n]*)\\n') do
    hour.ids[#hour.ids + 1] = id
    hour.lines[id] = figures
  end
  hours[name] = hour
  return hour
end
local most = {add = tonumber(ARGV[2]), set = tonumber(ARGV[3])}
for i = 4, #ARGV, 6 do
  local hour, id, total, how, figures = hour_of(ARGV[i]), ARGV[i + 1], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  if not hour.lines[id] and #hour.ids >= most[how] then id, how = ARGV[i + 2], 'add' end
  local before, sums = hour.lines[id], redis.call('HGET', KEYS[1], total) or ''
  if not before then
    hour.ids[#hour.ids + 1] = id
    hour.lines[id] = figures
    sums = added(sums, '1 ' .. figures, 1)
  else
    if how == 'set' then sums = added(sums, '0 ' .. before, -1) end
    hour.lines[id] = how == 'set' and figures or added(before, figures, 1)
    sums = added(sums, '0 ' .. figures, 1)
  end
  redis.call('HSET', KEYS[1], total, sums)
end
for name, hour in pairs(hours) do
  local lines = {}
  for i, id in ipairs(hour.ids) do lines[i] = id .. ' ' .. hour.lines[id] .. '\\n' end
  redis.call('HSET', KEYS[1], name, table.concat(lines))
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


class UsageStore:
    """Writes records of usage, which are kept for `days`."""

    def __init__(self, redis: Redis, days: int) -> None:
        self.redis = redis
        self.days = days
        self._add = redis.register_script(ADD)

    async def add(self, uses: Iterable[Use]) -> None:
        """Add records. Those of batches may be said again: the last one counts.

        Raises redis.exceptions.RedisError; what was written by then is not told.
        """
        of_day: dict[tuple[date, str], list[Use]] = defaultdict(list)
        for use in uses:
            of_day[day_of(use.at_ms), use.owner].append(use)
        life_s = (self.days + 1) * DAY_S
        for (day, owner), some in of_day.items():
            arguments: list[str | int] = [life_s, ALONE, BATCHES_ALONE]
            for use in some:
                arguments += arguments_of(use)
            index = redis_keys.usage_owners(day)
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.sadd(index, owner or redis_keys.NO_KEY)
                pipe.expire(index, life_s)
                await pipe.execute()
            await self._add(keys=[redis_keys.usage(day, owner)], args=arguments)


def arguments_of(use: Use) -> list[str]:
    """What the script takes for a record."""
    how = "set" if use.batch_id else "add"
    total = redis_keys.usage_sums(use.request_type)
    return [hour_of(use.at_ms), use.id, use.id_of_minute, total, how, use.figures.to_text()]


def day_of(at_ms: int) -> date:
    """The day (UTC) of a moment."""
    return datetime.fromtimestamp(at_ms / 1_000, UTC).date()


def hour_of(at_ms: int) -> str:
    """The hour of the day (UTC) of a moment, two digits."""
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC).hour:02}"


def start_of(day: date) -> int:
    """When a day begins, in milliseconds since the epoch."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1_000)


def before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)
