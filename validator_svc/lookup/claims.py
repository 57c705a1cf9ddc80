"""Claims: while one replica asks the upstream for a number, no other pays for it too."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence

from redis.asyncio import Redis

from validator_svc.lookup import keys
from validator_svc.lookup.store import STORE_ERRORS
from validator_svc.numbering.facts import RequestType

CLAIM_TTL_MS = 30_000
RENEW_S = 10.0
# An upstream that is away for long must not make what it was paid for be forgotten.
JOB_TTL_S = 24 * 3_600

# Scripts, so that a thousand claims are one command. Each gets the replica's token first.
ACQUIRE = """
local holders = {}
for i, key in ipairs(KEYS) do
    if redis.call('set', key, ARGV[1], 'NX', 'PX', ARGV[2]) then
        holders[i] = ''
    else
        holders[i] = redis.call('get', key) or ''
    end
end
return holders
"""
RENEW = """
for _, key in ipairs(KEYS) do
    if redis.call('get', key) == ARGV[1] then redis.call('pexpire', key, ARGV[2]) end
end
"""
RELEASE = """
for _, key in ipairs(KEYS) do
    if redis.call('get', key) == ARGV[1] then redis.call('del', key) end
end
"""


class Claims:
    """The claims of one replica, known by its `token`.

    A claim lives for 30 s and is renewed while it is held, so those of a replica that was killed
    become free. All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, redis: Redis, token: str) -> None:
        self.redis = redis
        self.token = token
        self.held: set[str] = set()
        self._acquire = redis.register_script(ACQUIRE)
        self._renew = redis.register_script(RENEW)
        self._release = redis.register_script(RELEASE)

    async def acquire(self, request_type: RequestType, numbers: Sequence[str]) -> set[str]:
        """Claim what is free; returns the numbers that are now ours.

        A claim of ours that is not held is left over from when the store was away, and free.
        """
        names = [keys.claim(request_type, digits) for digits in numbers]
        holders = await self._acquire(keys=names, args=[self.token, CLAIM_TTL_MS])
        ours = self.token.encode()
        mine = {
            digits
            for digits, name, holder in zip(numbers, names, holders, strict=True)
            if not holder or (holder == ours and name not in self.held)
        }
        self.held.update(keys.claim(request_type, digits) for digits in mine)
        return mine

    async def release(self, request_type: RequestType, numbers: Iterable[str]) -> None:
        """Give claims back."""
        names = [keys.claim(request_type, digits) for digits in numbers]
        self.held.difference_update(names)
        if names:
            await self._release(keys=names, args=[self.token])

    async def free(self, request_type: RequestType, numbers: Sequence[str]) -> set[str]:
        """Which of the numbers nobody claims any more."""
        values = await self.redis.mget([keys.claim(request_type, digits) for digits in numbers])
        return {digits for digits, value in zip(numbers, values, strict=True) if value is None}

    async def renew_for_ever(self) -> None:
        """Renew what is held, until cancelled; the store being away for a while is no matter."""
        while True:
            await asyncio.sleep(RENEW_S)
            names = list(self.held)
            with contextlib.suppress(*STORE_ERRORS):
                for start in range(0, len(names), keys.AT_ONCE):
                    part = names[start : start + keys.AT_ONCE]
                    await self._renew(keys=part, args=[self.token, CLAIM_TTL_MS])

    async def release_all(self) -> None:
        """Give every claim back, at the end of the process."""
        names = list(self.held)
        self.held.clear()
        for start in range(0, len(names), keys.AT_ONCE):
            await self._release(keys=names[start : start + keys.AT_ONCE], args=[self.token])

    async def store_job(
        self, request_type: RequestType, supplier: str, job_id: str, numbers: Sequence[str]
    ) -> None:
        """Note the upstream's job of numbers before it is polled: whoever comes next goes on polling."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for digits in numbers:
                pipe.set(keys.job(request_type, digits), f"{supplier} {job_id}", ex=JOB_TTL_S)
            await pipe.execute()

    async def jobs(self, request_type: RequestType, numbers: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The supplier, and the id of its noted job, of each number that has one."""
        values = await self.redis.mget([keys.job(request_type, digits) for digits in numbers])
        jobs = {}
        for digits, value in zip(numbers, values, strict=True):
            if isinstance(value, bytes):
                supplier, _, job_id = value.decode(errors="replace").partition(" ")
                jobs[digits] = (supplier, job_id)
        return jobs

    async def forget_jobs(self, request_type: RequestType, numbers: Sequence[str]) -> None:
        """Drop the notes: the job has ended."""
        if numbers:
            await self.redis.unlink(*(keys.job(request_type, digits) for digits in numbers))
