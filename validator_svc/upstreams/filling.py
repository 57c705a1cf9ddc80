"""Filling in: what one supplier left out of its answer is asked of another one, if the operator says so."""

from decimal import Decimal
from typing import Any

from validator_svc.upstreams.outcome import NOT_KNOWN_LIVE, LiveAnswer, Outcome

FILLABLE = {
    "ported": "ported",
    "carrier_name": "current_carrier",
    "mcc": "mcc",
    "mnc": "mnc",
    "reachable": "reachable",
    "roaming": "roaming",
}
"""Fields of a record that another supplier may be asked for, with their names in `LiveAnswer`."""


def parse_fill(text: str) -> frozenset[str]:
    """Fields of `LiveAnswer`, from a setting such as `ported,reachable`. Raises ValueError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in FILLABLE:
            raise ValueError(f"{word!r} cannot be filled in; expected some of {', '.join(FILLABLE)}")
    return frozenset(FILLABLE[word] for word in words)


def missing(outcome: Outcome, fill: frozenset[str]) -> frozenset[str]:
    """Which of the fields a supplier that was paid left out of its answer."""
    answer = outcome.answer
    if answer is None or not answer.is_valid:
        return frozenset()
    return frozenset(name for name in fill if getattr(answer, name) is None)


def filled(first: Outcome, second: Outcome) -> Outcome:
    """An answer with what a second supplier said of the fields that it left out, at the cost of both.

    What the first one said stands, and its name. When the second failed, or takes the number for not valid,
    all stands as it was.
    """
    cost = format((Decimal(first.cost) + Decimal(second.cost)).normalize(), "f")
    answer, more = first.answer, second.answer
    if answer is None or more is None or not more.is_valid:
        return first._replace(cost=cost)
    return first._replace(answer=completed(answer, more), cost=cost)


def completed(answer: LiveAnswer, more: LiveAnswer) -> LiveAnswer:
    """The answer, with what it left out and the other one has; as old as the older one."""
    fields: dict[str, Any] = {
        name: theirs if ours is None else ours
        for name, ours, theirs in zip(LiveAnswer._fields, answer, more, strict=True)
    }
    if (answer.mcc, answer.mnc) != NOT_KNOWN_LIVE:
        # A network is told by both: never one half of each.
        fields |= {"mcc": answer.mcc, "mnc": answer.mnc}
    return LiveAnswer(**fields)._replace(at_ms=min(answer.at_ms, more.at_ms))
