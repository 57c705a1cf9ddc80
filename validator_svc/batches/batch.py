"""A batch as it stands now, read from its hashes in Redis; see `keys` for what is where."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from redis.exceptions import ResponseError

from validator_svc.batches.counts import Counts
from validator_svc.batches.spec import NOTES, Plan, Status
from validator_svc.lookup.payer import ACCOUNTED


class Batch(NamedTuple):
    """A batch as it stands now."""

    plan: Plan
    status: Status
    why: str
    """What it waits for, or why it failed; empty when there is nothing to say."""
    generation: int
    """How often failed rows were put back to be looked up again."""
    counts: Counts
    """See `tally`; of what is answered so far."""
    started_ms: int | None
    finished_ms: int | None
    again_ms: int | None
    """When a paused batch looks again by itself; None: when its owner resumes it."""
    resumes: int = 0
    """How often its owner resumed it."""
    first_ended_ms: int | None = None
    """When it ended for the first time; it goes on after that when it is retried."""

    @property
    def pending(self) -> int:
        """Rows not answered yet."""
        return self.plan.rows - self.counts.get("answered", 0)


class UnreadableBatchError(Exception):
    """The state of a batch cannot be read: another version wrote it, or something else did."""


class Done(NamedTuple):
    """A segment that is done."""

    generation: int
    """The generation in which it was: it tells its result object."""
    counts: Counts


def is_of_wrong_type(error: object) -> bool:
    """Whether Redis says that what it holds is not what we keep there."""
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


def read(state: Any, totals: Any) -> Batch | UnreadableBatchError | None:
    """A batch from what Redis gave for its hashes. Raises RedisError that is not about it."""
    for each in (state, totals):
        if is_of_wrong_type(each):
            return UnreadableBatchError(str(each))
        if isinstance(each, Exception):
            raise each
    try:
        return batch_from(state, totals)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Not its text: that may hold a cell of the header.
        return UnreadableBatchError(type(error).__name__)


def batch_from(state: Mapping[bytes, bytes], totals: Mapping[bytes, bytes]) -> Batch | None:
    """A batch from its hashes; None when they are empty."""
    if b"plan" not in state:
        return None
    plan = Plan.from_json(state[b"plan"])
    beside: dict[str, Any] = {
        name: state[name.encode()].decode() for name in ("max_cost", *NOTES) if name.encode() in state
    }
    plan = plan._replace(order=plan.order._replace(**beside))
    counts = {name.decode(): int(count) for name, count in totals.items()}
    for name in ACCOUNTED:
        counts[name] = counts.get(name, 0) + (number_in(state, name.encode()) or 0)
    return Batch(
        plan=plan,
        status=Status(state[b"status"].decode()),
        why=state.get(b"why", b"").decode(),
        generation=int(state[b"generation"]),
        counts=counts,
        started_ms=number_in(state, b"started_ms"),
        finished_ms=number_in(state, b"finished_ms"),
        again_ms=number_in(state, b"again_ms"),
        resumes=number_in(state, b"resumes") or 0,
        first_ended_ms=number_in(state, b"first_ended_ms"),
    )


def number_in(state: Mapping[bytes, bytes], name: bytes) -> int | None:
    """A number of a hash; None when it is absent or empty."""
    return int(state[name]) if state.get(name) else None


def done_from(value: bytes | str) -> Done:
    """An entry of the hash of done segments."""
    entry: dict[str, Any] = orjson.loads(value)
    counts = entry["counts"]
    # Lua's JSON has no empty object: a table without fields comes back as an array.
    return Done(int(entry["generation"]), {k: int(v) for k, v in counts.items()} if counts else {})
