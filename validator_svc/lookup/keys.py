"""Every Redis key of the lookups, built in one place.

| key                    | type   | holds                                          | expires after        |
| ---------------------- | ------ | ---------------------------------------------- | -------------------- |
| `vs:live:TYPE:DIGITS`  | string | a live answer (see `cached_answer.packed`)     | the type's cache TTL |
| `vs:moment:DIGITS`     | string | what that said of its moment (`packed_moment`) | its own cache TTL    |
| `vs:claim:TYPE:DIGITS` | string | the token of the replica that is asking        | 30 s, renewed        |
| `vs:job:TYPE:DIGITS`   | string | `SUPPLIER ID` of the async job it is in        | a day, or when done  |
| `vs:replicas`          | zset   | replica token, scored by its last sign of life | a minute without any |

DIGITS is the number in E.164 without its `+`.
"""

from validator_svc.numbering.facts import RequestType

REPLICAS = "vs:replicas"

AT_ONCE = 1_000
"""Keys in one command: enough to be cheap, few enough that Redis serves others in between."""


def live(request_type: RequestType, digits: str) -> str:
    """The cached live answer of a number."""
    return f"vs:live:{request_type}:{digits}"


def moment(digits: str) -> str:
    """What the cached validation answer of a number said of its moment: reachable, roaming."""
    return f"vs:moment:{digits}"


def claim(request_type: RequestType, digits: str) -> str:
    """Who is asking the upstream for a number now."""
    return f"vs:claim:{request_type}:{digits}"


def job(request_type: RequestType, digits: str) -> str:
    """The upstream's async job in which a number is being looked up."""
    return f"vs:job:{request_type}:{digits}"
