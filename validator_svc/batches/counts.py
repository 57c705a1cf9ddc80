"""What the finished lines of a segment add up to."""

from collections import Counter

from validator_svc.lookup.money import nano
from validator_svc.record.finished import (
    COST,
    COSTS_NOTHING,
    FAILED,
    FROM_CACHE,
    FROM_PLAN,
    IS_FINE,
    IS_WRONG_FORMAT,
    REASON,
    countries_of,
    distinct_of,
    valid_of,
)

ANSWERED_BY_PLAN = tuple(b",".join([COSTS_NOTHING, code, FROM_PLAN]) for code in (IS_FINE, IS_WRONG_FORMAT))

Counts = dict[str, int]


def tally(lines: bytes) -> Counts:
    """Counts over records of NDJSON; what is 0 is left out.

    `answered`, `valid`, `invalid`, `unknown` (the lookup failed), `duplicates` (of a valid number
    before in the same lines), `cached`, `paid` (numbers), `cost_nano` (billionths of a USD), and
    `reason:NAME`, `country:XX`.
    """
    rows = lines.count(b"\n")
    valid = valid_of(lines)
    # Of what the plan alone answered nothing failed, nothing was paid or in the cache.
    others = lines if sum(map(lines.count, ANSWERED_BY_PLAN)) < rows else b""
    failed = len(FAILED.findall(others))
    costs = COST.findall(others)
    reasons = REASON.findall(lines) if len(valid) < rows else []
    counts = {
        "answered": rows,
        "valid": len(valid) - failed,
        "invalid": rows - len(valid),
        "unknown": failed,
        "duplicates": len(valid) - distinct_of(valid),
        "cached": others.count(FROM_CACHE),
        "paid": len(costs),
        "cost_nano": sum(nano(cost.decode()) for cost in costs),
    }
    for prefix, found in (("reason", Counter(reasons)), ("country", countries_of(valid))):
        counts |= {f"{prefix}:{name.decode()}": count for name, count in found.items()}
    return {name: count for name, count in counts.items() if count}
