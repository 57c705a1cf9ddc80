"""Every Redis key of this room, built in one place.

| key                   | type | holds                                                       | expires      |
|-----------------------|------|-------------------------------------------------------------|--------------|
| `vs:{keys}`           | hash | id of an API key to its fields (JSON) with its SHA-256      | permanent    |
| `vs:{keys}:used`      | hash | id to when it was last used (ms since the epoch)            | with its key |
| `vs:keys:rate:ID`     | hash | `tokens` in its bucket, and `at_ms` when so many were in it | seconds      |
| `vs:keys:day:ID:DATE` | hash | `numbers`, and `nano` (10⁻⁹ USD), used or reserved on a day | 2 days       |
| `vs:usage:DATE`       | set  | ids of the keys with which something was used on a day      | the setting  |
| `vs:usage:DATE:ID`    | hash | hour, or `sum:TYPE`, to figures, see `usage_store`          | the setting  |

The first two share a hash tag, so that a script may change them together in a cluster.
"""

import datetime

KEYS = "vs:{keys}"
USED = "vs:{keys}:used"
NO_KEY = "-"
"""In place of the id where something was used without a key."""


def rate(key_id: str) -> str:
    """The token bucket of an API key."""
    return f"vs:keys:rate:{key_id}"


def day(key_id: str, date: datetime.date) -> str:
    """What an API key used on a day."""
    return f"vs:keys:day:{key_id}:{date.isoformat()}"


def usage_owners(date: datetime.date) -> str:
    """Who used something on a day."""
    return f"vs:usage:{date.isoformat()}"


def usage(date: datetime.date, owner: str) -> str:
    """What was used on a day with a key, whose id this is; empty: without one."""
    return f"vs:usage:{date.isoformat()}:{owner or NO_KEY}"


def usage_sums(request_type: str) -> str:
    """The field of such a hash that has what a type adds up to."""
    return f"sum:{request_type}"
