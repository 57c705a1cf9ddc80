"""Every Redis key of this room, built in one place.

| key                   | type | holds                                                        | expires      |
|-----------------------|------|--------------------------------------------------------------|--------------|
| `vs:{keys}`           | hash | id of an API key to its fields (JSON) with its SHA-256       | permanent    |
| `vs:{keys}:used`      | hash | id to when it was last used (ms since the epoch)             | with its key |

The two share a hash tag, so that a script may change them together in a cluster.
"""

KEYS = "vs:{keys}"
USED = "vs:{keys}:used"
