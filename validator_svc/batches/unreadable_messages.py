"""Messages in the queue that no worker can read: dropped, so that those behind them get their turn.

Docket's worker ends at such a message, which then goes to the next worker, and so on.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from docket import Docket, Execution
from redis.asyncio import Redis

log = structlog.get_logger()

AT_ONCE = 1_000


async def drop_unreadable(redis: Redis, docket: Docket) -> int:
    """Take messages that cannot be read out of the queue; returns how many there were.

    A segment that one of them stood for goes into the queue anew, as any that is lost does. Raises
    redis.exceptions.RedisError.
    """
    dropped, start = 0, "-"
    while messages := await page(redis, docket, start):
        for message_id, message in messages:
            if not await is_readable(docket, message):
                log.error("message_unreadable", message=message_id.decode())
                await drop(redis, docket, message_id, message)
                dropped += 1
        start = f"({messages[-1][0].decode()}"
    return dropped


async def page(redis: Redis, docket: Docket, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Messages of the queue with their ids, from an id on."""
    messages: Any = await redis.xrange(docket.stream_key, start, count=AT_ONCE)
    return [(message_id, message) for message_id, message in messages]


async def is_readable(docket: Docket, message: Mapping[bytes, bytes]) -> bool:
    """Whether docket can make a task of a message; one of a function that it does not know is no trouble."""
    try:
        await Execution.from_message(docket, dict(message), sync=False, fallback_task=nothing)
    except Exception:
        return False
    return True


async def nothing() -> None:
    """Stands for functions that docket does not know."""


async def drop(redis: Redis, docket: Docket, message_id: bytes, message: Mapping[bytes, bytes]) -> None:
    """Take a message out of the queue, and what docket remembers of its task."""
    async with redis.pipeline(transaction=False) as pipe:
        pipe.xack(docket.stream_key, docket.worker_group_name, message_id)
        pipe.xdel(docket.stream_key, message_id)
        key = message.get(b"key", b"").decode(errors="ignore")
        if key:
            pipe.unlink(docket.known_task_key(key), docket.runs_key(key), docket.stream_id_key(key))
        await pipe.execute()
