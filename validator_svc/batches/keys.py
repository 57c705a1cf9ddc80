"""Every Redis key of the batches, built in one place.

| key                     | type   | holds                                                    | expires     |
|-------------------------|--------|----------------------------------------------------------|-------------|
| `vs:batches`            | zset   | id of every batch, scored by when it was accepted (ms)   | permanent   |
| `vs:batches:of:KEY`     | zset   | ids of the batches of an API key, scored likewise        | permanent   |
| `vs:batches:active`     | zset   | ids that have not ended, scored likewise                 | permanent   |
| `vs:batches:active:of:KEY` | zset | those of an API key                                      | permanent   |
| `vs:batches:ended`      | zset   | ids that have, scored by when they are erased (ms)       | permanent   |
| `vs:batches:loose`      | zset   | ids whose objects nobody owns, scored likewise           | permanent   |
| `vs:batches:calls`      | zset   | ids whose webhook is to be called, scored by when (ms)   | permanent   |
| `vs:batches:reconciler` | string | the token of the process that tends the batches          | 5 s         |
| `vs:batch:{ID}`         | hash   | `plan` (JSON), `status`, times (ms), what is paid, queued | 8 days on   |
| `vs:batch:{ID}:totals`  | hash   | counts over all segments done, see `tally`               | 8 days on   |
| `vs:batch:{ID}:done`    | hash   | segment index to its generation and counts (JSON)        | 8 days on   |
| `vs:batch:{ID}:todo`    | zset   | indices of the segments to be worked, scored by index    | 8 days on   |
| `vs:batch:{ID}:faults`  | hash   | `N`, `N:begun`, … of segment N to how often, see `faults` | 8 days on   |
| `vs:idempotency:DIGEST` | string | fingerprint of an upload and the id of its batch         | 7 days      |
| `vs:idempotency:DIGEST:claim` | string | the token of the request that stores a list under it | 30 s     |
| `vs:docket:*`           |        | what docket keeps: its queues and who works on what      | docket's own |

Members of the permanent ones go with their batch. Days are those of the setting for retention (and one
more, as a net under the erasing, from the end of the batch on).
The keys of one batch share a hash tag, so that a script may change them together in a cluster.
"""

from typing import Literal

ALL = "vs:batches"
ACTIVE = "vs:batches:active"
ENDED = "vs:batches:ended"
CALLS = "vs:batches:calls"
LOOSE = "vs:batches:loose"
KEEPER = "vs:batches:reconciler"

Lane = Literal["large", "small"]
LANES: tuple[Lane, ...] = ("large", "small")
"""The queues of segments."""


def docket(lane: Lane) -> str:
    """The docket of a queue."""
    return "vs:docket" if lane == "large" else f"vs:docket:{lane}"


def active_of(owner: str) -> str:
    """The batches of an owner that have not ended; all where that is empty."""
    return f"{ACTIVE}:of:{owner}" if owner else ACTIVE


def of_owner(owner: str) -> str:
    """The batches of an owner, or all where that is empty."""
    return f"{ALL}:of:{owner}" if owner else ALL


def batch(batch_id: str) -> str:
    """The state of a batch."""
    return f"vs:batch:{{{batch_id}}}"


def totals(batch_id: str) -> str:
    """The counts of a batch."""
    return f"{batch(batch_id)}:totals"


def done(batch_id: str) -> str:
    """The segments that are done, with what each adds to the counts."""
    return f"{batch(batch_id)}:done"


def todo(batch_id: str) -> str:
    """The segments to be worked."""
    return f"{batch(batch_id)}:todo"


def faults(batch_id: str) -> str:
    """How often the work of a segment broke."""
    return f"{batch(batch_id)}:faults"


def of_batch(batch_id: str) -> tuple[str, ...]:
    """All keys of one batch, in the order that the scripts take them."""
    return batch(batch_id), totals(batch_id), done(batch_id), todo(batch_id), faults(batch_id)


def idempotency(digest: str) -> str:
    """The batch that an Idempotency-Key stands for; `digest` is of the key, in hex."""
    return f"vs:idempotency:{digest}"


def idempotency_claim(digest: str) -> str:
    """Which request is storing a list under an Idempotency-Key."""
    return f"{idempotency(digest)}:claim"
