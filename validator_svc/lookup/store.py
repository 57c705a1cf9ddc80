"""The store (Redis or Valkey) being away, as the lookups see it."""

import redis.exceptions

STORE_ERRORS = (redis.exceptions.RedisError, OSError)
"""What the client raises while the store is away, or cannot do what it is asked."""


class StoreAwayError(Exception):
    """The store does not answer, so nothing can be paid for: it might be paid for twice."""
