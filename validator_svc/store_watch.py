"""Says in the log when the store (Redis) goes away and comes back, once for all that need it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.asyncio import Redis

from validator_svc.lookup.cancel import end
from validator_svc.lookup.store import STORE_ERRORS

log = structlog.get_logger()

LOOK_S = 1.0
ANSWER_S = 5.0
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


async def watch(store: Redis) -> None:
    """Look every second; say when it went away, that it still is, and that it is back."""
    loop = asyncio.get_running_loop()
    away_s = say_at_s = pause_s = 0.0
    while True:
        why = await trouble(store)
        now_s = loop.time()
        if why is None and away_s:
            log.info("store_back", away_s=round(now_s - away_s, 1))
            away_s = 0.0
        elif why is not None and not away_s:
            away_s, say_at_s, pause_s = now_s, now_s, 1.0
        if why is not None and now_s >= say_at_s:
            pause_s = min(pause_s * 2, SAY_AGAIN_MAX_S)
            say_at_s = now_s + pause_s
            log.warning("store_away", why=why, away_s=round(now_s - away_s, 1), again_in_s=pause_s)
        await asyncio.sleep(LOOK_S)


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
