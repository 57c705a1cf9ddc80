"""The store (Redis or Valkey) being away, as the lookups see it."""

import errno

import redis.exceptions

STORE_ERRORS = (redis.exceptions.RedisError,)
"""What the client raises while the store is away, or cannot do what it is asked.

Never OSError: the client wraps those of its connections, so one that comes bare is a disk's or another
connection's.
"""

AWAY = "the store (Redis) does not answer"
STORE_PAUSE_S = 0.5
"""How soon to try again what has to be written, while the store is away."""

TOO_MANY_OPEN = frozenset({errno.EMFILE, errno.ENFILE})
OUT_OF_HANDLES = (
    "this service has as many files and connections open as the system lets it (ulimit -n); "
    "a higher limit, or fewer requests at a time, helps"
)


class StoreAwayError(Exception):
    """The store does not answer, or refuses, so nothing can be paid for: it might be paid for twice."""

    def __init__(self, error: Exception | None = None) -> None:
        """`error` is what the client raised: what the store itself said is told (a full disk)."""
        if isinstance(error, redis.exceptions.ResponseError):
            why = f"the store (Redis) refuses: {str(error)[:200]}"
        else:
            why = OUT_OF_HANDLES if is_out_of_handles(error) else AWAY
        super().__init__(why)


def is_out_of_handles(error: BaseException | None) -> bool:
    """Whether an error, or one that it came of, is that this process may open nothing more."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in TOO_MANY_OPEN:
            return True
        error = error.__cause__ or error.__context__
    return False
