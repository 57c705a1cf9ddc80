"""What the finished lines of a segment add up to."""

from collections import Counter

from validator_svc.lookup.money import nano
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import (
    COST,
    COSTS_NOTHING,
    FAILED,
    FROM_CACHE,
    FROM_PLAN,
    IS_FINE,
    IS_WRONG_FORMAT,
    REASON,
    RISKY,
    carriers_of,
    countries_of,
    distinct_of,
    types_of,
    valid_of,
)
from validator_svc.record.record import fields_of

ANSWERED_BY_PLAN = tuple(b",".join([COSTS_NOTHING, code, FROM_PLAN]) for code in (IS_FINE, IS_WRONG_FORMAT))

Counts = dict[str, int]

MOST_CARRIERS = 200


def knows_lines(request_type: RequestType) -> bool:
    """Whether records of this type tell of the line: its type, carrier and risk."""
    return "phone_type" in fields_of(request_type)


def commonest(carriers: Counter[str]) -> Counter[str]:
    """The carriers that are met most; the others together under an empty name.

    A segment of a list from all over the world has thousands, and the store would hold each for each segment.
    """
    found = Counter(dict(carriers.most_common(MOST_CARRIERS)))
    others = carriers.total() - found.total()
    return found + Counter({"": others}) if others else found


def tally(lines: bytes) -> Counts:
    """Counts over records of NDJSON; what is 0 is left out.

    `answered`, `valid`, `invalid`, `unknown` (the lookup failed), `duplicates` (of a valid number
    before in the same lines), `cached`, `paid` (numbers), `cost_nano` (billionths of a USD), and
    `reason:NAME`, `country:XX`; where records tell of lines also `risky`, `type:NAME` and `carrier:NAME`
    (see `commonest`).
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
    counts["risky"] = lines.count(RISKY)
    counts |= {f"type:{name}": count for name, count in types_of(lines).items()}
    counts |= {f"carrier:{name}": count for name, count in commonest(carriers_of(lines)).items()}
    return {name: count for name, count in counts.items() if count}
