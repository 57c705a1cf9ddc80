"""The store (Redis or Valkey) being away, as the lookups see it."""

import redis.exceptions

STORE_ERRORS = (redis.exceptions.RedisError,)
"""What the client raises while the store is away, or cannot do what it is asked.

Never OSError: the client wraps those of its connections, so one that comes bare is a disk's or another
connection's.
"""

AWAY = "the store (Redis) does not answer"


class StoreAwayError(Exception):
    """The store does not answer, or refuses, so nothing can be paid for: it might be paid for twice."""

    def __init__(self, error: Exception | None = None) -> None:
        """`error` is what the client raised: what the store itself said is told (a full disk)."""
        refused = isinstance(error, redis.exceptions.ResponseError)
        super().__init__(f"the store (Redis) refuses: {str(error)[:200]}" if refused else AWAY)
