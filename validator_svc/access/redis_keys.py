"""Every Redis key of this room, built in one place.

| key                   | type | holds                                                       | expires      |
|-----------------------|------|-------------------------------------------------------------|--------------|
| `vs:{keys}`           | hash | id of an API key to its fields (JSON) with its SHA-256      | permanent    |
| `vs:{keys}:used`      | hash | id to when it was last used (ms since the epoch)            | with its key |
| `vs:keys:rate:ID`     | hash | `tokens` in its bucket, and `at_ms` when so many were in it | seconds      |
| `vs:keys:day:ID:DATE` | hash | `numbers`, and `nano` (10⁻⁹ USD), used or reserved on a day | 2 days       |

The first two share a hash tag, so that a script may change them together in a cluster.
"""

import datetime

KEYS = "vs:{keys}"
USED = "vs:{keys}:used"


def rate(key_id: str) -> str:
    """The token bucket of an API key."""
    return f"vs:keys:rate:{key_id}"


def day(key_id: str, date: datetime.date) -> str:
    """What an API key used on a day."""
    return f"vs:keys:day:{key_id}:{date.isoformat()}"
