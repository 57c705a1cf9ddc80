"""Money: decimal strings in USD on the wire, whole billionths of a USD where it is added up."""

from decimal import Decimal

from validator_svc.record.finished import COST

NANO = 10**9


def nano(usd: str) -> int:
    """A decimal string of USD in billionths."""
    return int(Decimal(usd) * NANO)


def usd(nano_usd: int) -> str:
    """Billionths of a USD as a decimal string, without needless zeros."""
    amount = format(Decimal(nano_usd) / NANO, "f")
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def cost_nano_of(lines: bytes) -> int:
    """What records cost, in billionths of a USD."""
    return sum(nano(cost.decode()) for cost in COST.findall(lines))
