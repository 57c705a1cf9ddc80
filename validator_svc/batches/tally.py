"""What the finished lines of a segment add up to."""

import re
from collections import Counter
from decimal import Decimal

# In a JSON string every quote has a backslash before it, so none of these is ever found inside one.
VALID_NUMBER = re.compile(rb'"is_valid":true[^\n]*?"e164_format":"\+(\d+)"')
CHARGED = re.compile(rb'"cost":"(?!0")([^"]+)"')
FROM_CACHE = b'"source":"cache"'
REASON = re.compile(rb'"reason":"(\w+)"')
COUNTRY = re.compile(rb'"country_code":"(..)"')
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
    numbers = VALID_NUMBER.findall(lines)
    failed = len(FAILED.findall(lines))
    costs = CHARGED.findall(lines)
    counts = {
        "answered": rows,
        "valid": len(numbers) - failed,
        "invalid": rows - len(numbers),
        "unknown": failed,
        "duplicates": len(numbers) - len(set(numbers)),
        "cached": lines.count(FROM_CACHE),
        "paid": len(costs),
        "cost_nano": sum(nano(cost.decode()) for cost in costs),
    }
    for prefix, found in (("reason", REASON.findall(lines)), ("country", COUNTRY.findall(lines))):
        counts |= {f"{prefix}:{name.decode()}": count for name, count in Counter(found).items()}
    return {name: count for name, count in counts.items() if count}


def nano(usd: str) -> int:
    """A decimal string of USD in billionths."""
    return int(Decimal(usd) * NANO)


def usd(nano_usd: int) -> str:
    """Billionths of a USD as a decimal string, without needless zeros."""
    amount = format(Decimal(nano_usd) / NANO, "f")
    return amount.rstrip("0").rstrip(".") if "." in amount else amount
