"""An answer as it is kept in Redis: with its version, its supplier and its time, and checked when it is read.

A JSON object: `version`, `supplier`, the fields of `LiveAnswer` that are known, and `cost` and `paid_by`
where a batch paid; `filled_by` where a second supplier told what the first one left out. `reachable` and
`roaming` are true for a moment only; they are kept apart and not as long.
Whatever does not fit in name, type and form is no answer: the number is asked for anew.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from validator_svc.numbering import facts
from validator_svc.record.record import FREE
from validator_svc.upstreams.outcome import LiveAnswer

# To be raised when an answer of the version before would be read wrongly.
VERSION = 2

MCC = re.compile(r"[0-9]{3}")
MNC = re.compile(r"[0-9]{2,3}")
USD = re.compile(r"[0-9]{1,9}(\.[0-9]{1,30})?")
MAX_TEXT = 200
# In the year 2286; what claims to be from then is no time in milliseconds.
MAX_AT_MS = 10**13


class Kept(NamedTuple):
    """A live answer with where it came from."""

    answer: LiveAnswer
    supplier: str
    """The upstream's name."""
    cost: str = FREE
    """What whoever is named in `paid_by` paid for it, decimal string in USD."""
    paid_by: str | None = None
    """See `payer.Payer.part`; None: nobody who has to tell of it again after a crash."""
    filled_by: str | None = None
    """The supplier that said what `supplier` left out."""


def is_bool(value: object) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def is_text(value: object) -> bool:
    """Whether it is a string that says something."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def is_time(value: object) -> bool:
    """Whether it is a time in milliseconds since the epoch."""
    return type(value) is int and 0 <= value < MAX_AT_MS


def matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """A check whether a value is a string of this form."""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


CHECKS: dict[str, Callable[[object], bool]] = {
    "version": lambda value: type(value) is int and value == VERSION,
    "supplier": is_text,
    "at_ms": is_time,
    "is_valid": is_bool,
    "ported": is_bool,
    "mcc": matches(MCC),
    "mnc": matches(MNC),
    "line_type": lambda value: isinstance(value, str) and value in facts.LINE_TYPES,
    "current_carrier": is_text,
    "risky": is_bool,
    "reachable": is_bool,
    "roaming": is_bool,
    "cost": matches(USD),
    "paid_by": is_text,
    "filled_by": is_text,
}
REQUIRED = ("version", "supplier", "at_ms", "is_valid")


def packed(kept: Kept) -> bytes:
    """The answer as it is written to Redis."""
    entry: dict[str, object] = {"version": VERSION, "supplier": kept.supplier}
    lasting = without_moment(kept.answer)
    entry |= {name: value for name, value in lasting._asdict().items() if value is not None}
    if kept.paid_by is not None:
        entry |= {"cost": kept.cost, "paid_by": kept.paid_by}
    if kept.filled_by is not None:
        entry["filled_by"] = kept.filled_by
    return orjson.dumps(entry)


def unpacked(value: bytes) -> Kept | None:
    """The answer back; None for anything that this version of `packed` would not have written."""
    try:
        entry: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(entry, dict) or not all(name in entry for name in REQUIRED):
        return None
    for name, field in entry.items():
        check = CHECKS.get(name)
        if check is None or not check(field):
            return None
    del entry["version"]
    supplier, cost = entry.pop("supplier"), entry.pop("cost", FREE)
    paid_by, filled_by = entry.pop("paid_by", None), entry.pop("filled_by", None)
    return Kept(LiveAnswer(**entry), supplier, cost, paid_by, filled_by)


def mark_of(paid_by: str, filled_by: str | None) -> str:
    """What is in a packed answer that this piece of work paid for: its last supplier's part of it."""
    return f'"paid_by":"{paid_by}"' + (f',"filled_by":"{filled_by}"' if filled_by else "")


def without_moment(answer: LiveAnswer) -> LiveAnswer:
    """The answer without what was true for its moment only."""
    return answer._replace(reachable=None, roaming=None)


def has_moment(answer: LiveAnswer) -> bool:
    """Whether the answer says something that was true for its moment only."""
    return answer.reachable is not None or answer.roaming is not None


def packed_moment(answer: LiveAnswer) -> bytes | None:
    """What the answer says of its moment, with which answer that was; None: nothing."""
    if not has_moment(answer):
        return None
    return orjson.dumps([VERSION, answer.at_ms, answer.reachable, answer.roaming])


def with_moment(kept: Kept, value: bytes) -> Kept:
    """The answer with what was said of its moment; as it is where `value` does not belong to it."""
    try:
        moment: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return kept
    match moment:
        case [version, at_ms, bool() | None as reachable, bool() | None as roaming] if (
            CHECKS["version"](version) and is_time(at_ms) and at_ms == kept.answer.at_ms
        ):
            return kept._replace(answer=kept.answer._replace(reachable=reachable, roaming=roaming))
    return kept
