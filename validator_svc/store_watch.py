"""Says in the log when the store (Redis) goes away and comes back, once for all that need it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.asyncio import Redis

from validator_svc.lookup.cancel import end
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.store import STORE_ERRORS
from validator_svc.redis_url import redis_url
from validator_svc.stopping import Stop

log = structlog.get_logger()

LOOK_S = 1.0
# A new connection takes two answers, and a store may take two seconds for each.
ANSWER_S = 8.0
# While it stays away this is said again after 2 s, 4 s, 8 s, ..., at last this often.
SAY_AGAIN_MAX_S = 600.0


@asynccontextmanager
async def store_watched(store: Redis) -> AsyncIterator[None]:
    """Watch the store for as long as the block."""
    task = asyncio.create_task(watch(store))
    try:
        yield
    finally:
        await end([task])


class Reports:
    """Says that the store went away, that it still is, at growing intervals, and that it is back."""

    def __init__(self) -> None:
        self._away_s: float | None = None
        self._say_at_s = 0.0
        self._pause_s = 0.0

    def tell(self, why: str | None) -> None:
        """`why` it is away; None: it is not."""
        now_s = asyncio.get_running_loop().time()
        if why is None:
            if self._away_s is not None:
                log.info("store_back", away_s=round(now_s - self._away_s, 1))
            self._away_s = None
            return
        if self._away_s is None:
            self._away_s, self._say_at_s, self._pause_s = now_s, now_s, 1.0
        if now_s >= self._say_at_s:
            self._pause_s = min(self._pause_s * 2, SAY_AGAIN_MAX_S)
            self._say_at_s = now_s + self._pause_s
            log.warning(
                "store_away", why=why, away_s=round(now_s - self._away_s, 1), again_in_s=self._pause_s
            )


async def watch(store: Redis) -> None:
    """Look every second, and say what is to be said."""
    reports = Reports()
    while True:
        reports.tell(await trouble(store))
        await asyncio.sleep(LOOK_S)


async def is_there(url: str, stop: Stop) -> bool:
    """Wait for a cluster, as nothing can be begun before its nodes have told who has what.

    False once the process was asked to stop. Other kinds of stores may come later.
    """
    if redis_url(url).kind != "cluster":
        return True
    reports = Reports()
    while not stop.is_asked:
        store = connect(url)
        try:
            why = await trouble(store)
        finally:
            await store.aclose()
        reports.tell(why)
        if why is None:
            return True
        await asyncio.sleep(LOOK_S)
    return False


async def trouble(store: Redis) -> str | None:
    """Why the store cannot be used; None when it can."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await store.ping()
    except TimeoutError:
        return f"no answer within {ANSWER_S:g} s"
    except STORE_ERRORS as error:
        return str(error) or type(error).__name__
    return None
