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
JOB_TTL_S = 3_600

RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end"
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class Claims:
    """The claims of one replica, known by its `token`.

    A claim lives for 30 s and is renewed while it is held, so those of a replica that was killed
    become free. All methods raise redis.exceptions.RedisError while the store is away.
    """

    def __init__(self, redis: Redis, token: str) -> None:
        self.redis = redis
        self.token = token
        self.held: set[str] = set()
        self._renew = redis.register_script(RENEW)
        self._release = redis.register_script(RELEASE)

    async def acquire(self, request_type: RequestType, numbers: Sequence[str]) -> set[str]:
        """Claim what is free; returns the numbers that are now ours."""
        names = [keys.claim(request_type, digits) for digits in numbers]
        async with self.redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.set(name, self.token, nx=True, px=CLAIM_TTL_MS)
            got = await pipe.execute()
        mine = {digits for digits, done in zip(numbers, got, strict=True) if done}
        mine |= await self._left_over(request_type, [digits for digits in numbers if digits not in mine])
        self.held.update(keys.claim(request_type, digits) for digits in mine)
        return mine

    async def _left_over(self, request_type: RequestType, numbers: Sequence[str]) -> set[str]:
        """Claims of ours that could not be given back, because the store was away then."""
        if not numbers:
            return set()
        names = [keys.claim(request_type, digits) for digits in numbers]
        values = await self.redis.mget(names)
        ours = self.token.encode()
        return {
            digits
            for digits, name, value in zip(numbers, names, values, strict=True)
            if value == ours and name not in self.held
        }

    async def release(self, request_type: RequestType, numbers: Iterable[str]) -> None:
        """Give claims back."""
        names = [keys.claim(request_type, digits) for digits in numbers]
        self.held.difference_update(names)
        await self._run(self._release, names)

    async def free(self, request_type: RequestType, numbers: Sequence[str]) -> set[str]:
        """Which of the numbers nobody claims any more."""
        values = await self.redis.mget([keys.claim(request_type, digits) for digits in numbers])
        return {digits for digits, value in zip(numbers, values, strict=True) if value is None}

    async def renew_for_ever(self) -> None:
        """Renew what is held, until cancelled; the store being away for a while is no matter."""
        while True:
            await asyncio.sleep(RENEW_S)
            with contextlib.suppress(*STORE_ERRORS):
                await self._run(self._renew, list(self.held), str(CLAIM_TTL_MS))

    async def release_all(self) -> None:
        """Give every claim back, at the end of the process."""
        names = list(self.held)
        self.held.clear()
        await self._run(self._release, names)

    async def _run(self, script: object, names: Sequence[str], *arguments: str) -> None:
        if not names:
            return
        async with self.redis.pipeline(transaction=False) as pipe:
            for name in names:
                await script(keys=[name], args=[self.token, *arguments], client=pipe)  # type: ignore[operator]
            await pipe.execute()

    async def store_job(self, request_type: RequestType, job_id: str, numbers: Sequence[str]) -> None:
        """Note the upstream's job of numbers before it is polled: whoever comes next goes on polling."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for digits in numbers:
                pipe.set(keys.job(request_type, digits), job_id, ex=JOB_TTL_S)
            await pipe.execute()

    async def jobs(self, request_type: RequestType, numbers: Sequence[str]) -> dict[str, str]:
        """The noted job of each number that has one."""
        values = await self.redis.mget([keys.job(request_type, digits) for digits in numbers])
        noted = zip(numbers, values, strict=True)
        return {digits: value.decode() for digits, value in noted if isinstance(value, bytes)}

    async def forget_jobs(self, request_type: RequestType, numbers: Sequence[str]) -> None:
        """Drop the notes: the job has ended."""
        if numbers:
            await self.redis.unlink(*(keys.job(request_type, digits) for digits in numbers))
