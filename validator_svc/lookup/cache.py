"""Paid answers kept in Redis, so that nobody pays for them again."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from redis.asyncio import Redis

from validator_svc.lookup import keys
from validator_svc.lookup.live import LiveAnswer, packed, unpacked
from validator_svc.numbering.facts import RequestType

# Numbers of one reply often have one answer, moment and all: each is unpacked once.
UNPACKED_KEPT = 4_096


# A script, so that the answers of a whole reply are one command.
WRITE = """
for i, key in ipairs(KEYS) do redis.call('set', key, ARGV[i + 1], 'EX', ARGV[1]) end
"""


class Cache:
    """Live answers by type and number.

    A fresh `validation` answer serves `analysis` too, as it holds all of it.
    """

    def __init__(self, redis: Redis, ttl_s: Mapping[RequestType, int]) -> None:
        self.redis = redis
        self.ttl_s = ttl_s
        self._write = redis.register_script(WRITE)

    async def read(
        self, request_type: RequestType, numbers: Sequence[str], not_before_ms: int = 0
    ) -> dict[str, LiveAnswer]:
        """The answers at hand for `numbers` (digits of E.164), none from before `not_before_ms`.

        Raises redis.exceptions.RedisError while the store is away.
        """
        found = await self._read_one_type(request_type, numbers, not_before_ms)
        if request_type == "analysis" and len(found) < len(numbers):
            missing = [digits for digits in numbers if digits not in found]
            found |= await self._read_one_type("validation", missing, not_before_ms)
        return found

    async def _read_one_type(
        self, request_type: RequestType, numbers: Sequence[str], not_before_ms: int
    ) -> dict[str, LiveAnswer]:
        found = {}
        for start in range(0, len(numbers), keys.AT_ONCE):
            part = numbers[start : start + keys.AT_ONCE]
            values = await self.redis.mget([keys.live(request_type, digits) for digits in part])
            for digits, value in zip(part, values, strict=True):
                answer = readable(value) if isinstance(value, bytes) else None
                if answer is not None and answer.at_ms >= not_before_ms:
                    found[digits] = answer
        return found

    async def write(self, request_type: RequestType, answers: Mapping[str, LiveAnswer]) -> None:
        """Keep answers of at most 1,000 numbers, by digits of E.164. Raises redis.exceptions.RedisError."""
        if not answers:
            return
        names = [keys.live(request_type, digits) for digits in answers]
        await self._write(keys=names, args=[self.ttl_s[request_type], *map(packed, answers.values())])


@lru_cache(maxsize=UNPACKED_KEPT)
def readable(value: bytes) -> LiveAnswer | None:
    """The answer, or None for one that another version wrote in another form: it is asked for anew."""
    try:
        return unpacked(value)
    except (ValueError, TypeError):
        return None
