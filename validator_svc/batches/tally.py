"""What the finished lines of a segment add up to."""

import re
from collections import Counter
from decimal import Decimal

# In a JSON string every quote has a backslash before it, so none of these is ever found inside one.
VALID_NUMBER = re.compile(rb'"is_valid":true,"country_code":(?:"(..)"|null),"e164_format":"\+(\d+)"')
"""The country, if it has one, and the digits of each valid number."""
CHARGED = re.compile(rb'"cost":"(?!0")([^"]+)"')
FINE = b'"error_code":"000"'
FREE = b'"cost":"0"'
FROM_CACHE = b'"source":"cache"'
REASON = re.compile(rb'"reason":"(\w+)"')
FAILED = re.compile(rb'"error_code":"(?:013|041|042|091)"')
NANO = 10**9

Counts = dict[str, int]


def tally(lines: bytes) -> Counts:
    """Counts over records of NDJSON; what is 0 is left out.

    `answered`, `valid`, `invalid`, `unknown` (the lookup failed), `duplicates` (of a valid number
    before in the same lines), `cached`, `paid` (numbers), `cost_nano` (billionths of a USD), and
    `reason:NAME`, `country:XX`.
    """
    rows = lines.count(b"\n")
    valid = VALID_NUMBER.findall(lines)
    # Counting is ten times as fast as searching, and mostly there is nothing to be found.
    failed = len(FAILED.findall(lines)) if lines.count(FINE) < rows else 0
    costs = CHARGED.findall(lines) if lines.count(FREE) < rows else []
    reasons = REASON.findall(lines) if len(valid) < rows else []
    counts = {
        "answered": rows,
        "valid": len(valid) - failed,
        "invalid": rows - len(valid),
        "unknown": failed,
        "duplicates": len(valid) - len({digits for _, digits in valid}),
        "cached": lines.count(FROM_CACHE),
        "paid": len(costs),
        "cost_nano": sum(nano(cost.decode()) for cost in costs),
    }
    countries = Counter(country for country, _ in valid if country)
    for prefix, found in (("reason", Counter(reasons)), ("country", countries)):
        counts |= {f"{prefix}:{name.decode()}": count for name, count in found.items()}
    return {name: count for name, count in counts.items() if count}


def nano(usd: str) -> int:
    """A decimal string of USD in billionths."""
    return int(Decimal(usd) * NANO)


def usd(nano_usd: int) -> str:
    """Billionths of a USD as a decimal string, without needless zeros."""
    amount = format(Decimal(nano_usd) / NANO, "f")
    return amount.rstrip("0").rstrip(".") if "." in amount else amount
