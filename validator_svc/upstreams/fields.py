"""Reading fields of suppliers' replies: each of a type and within bounds, whatever was sent."""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from validator_svc.record.record import FREE

MAX_TEXT = 200
MAX_NUMBER_TEXT = 64
NOT_DIGITS = re.compile("[^0-9]+")
# ITU-T E.212: an MCC has three digits, an MNC two or three.
MAX_NETWORK_CODE = 3
MAX_COST = Decimal(1_000)
# Accounts are kept in billionths of a USD.
LEAST_COST = Decimal("1e-9")
MAX_COST_TEXT = 100


def digits_of(value: object) -> str:
    """The digits of a number as it is echoed, with `+`, without it, or as a JSON number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    written = str(value)
    return NOT_DIGITS.sub("", written) if len(written) <= MAX_NUMBER_TEXT else ""


def flag(value: object) -> bool | None:
    """A boolean, or None for anything else."""
    return value if isinstance(value, bool) else None


def text(value: object) -> str | None:
    """A string that says something, at most 200 characters in one line, or None."""
    if not isinstance(value, str):
        return None
    return " ".join(value[: 2 * MAX_TEXT].split())[:MAX_TEXT].rstrip() or None


def network_code(value: object, min_digits: int) -> str | None:
    """An MCC or MNC (ITU-T E.212), with the leading zeros that a number lost."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    code = str(value)[: MAX_NETWORK_CODE + 1].zfill(min_digits)
    return code if code.isascii() and code.isdigit() and len(code) <= MAX_NETWORK_CODE else None


def money(value: object) -> str:
    """A charge as a decimal string in USD, to the billionth; what is no charge counts as none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return FREE
    written = str(value)
    if len(written) > MAX_COST_TEXT:
        return FREE
    try:
        amount = Decimal(written)
    except InvalidOperation:
        return FREE
    if not amount.is_finite() or not LEAST_COST <= amount <= MAX_COST:
        return FREE
    return format(amount.quantize(LEAST_COST, ROUND_HALF_EVEN).normalize(), "f")
