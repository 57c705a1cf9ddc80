"""What a minute costs by prefix, from the operator's rate file."""

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})")
PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
MOST_DIGITS = 15


class Rates(NamedTuple):
    """Prices of a minute in USD by prefix (digits of E.164)."""

    prices: dict[str, Decimal]

    def price_of(self, digits: str) -> Decimal | None:
        """The price of the longest prefix that fits; None where none does."""
        for length in range(min(len(digits), MOST_DIGITS), 0, -1) if self.prices else ():
            if (price := self.prices.get(digits[:length])) is not None:
                return price
        return None


def load_rates(path: Path) -> Rates:
    """Read a rate file: CSV with a prefix and a price in each row, such as `+4490,1.20`; a header may be.

    Raises OSError, or ValueError naming the line that is none of these, or contradicts an earlier one.
    """
    prices: dict[str, Decimal] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or (not prices and reader.line_num == 1 and not cells[0][-1:].isdigit()):
                continue
            prefix = PREFIX.fullmatch(cells[0])
            if prefix is None or len(cells) < 2 or not PRICE.fullmatch(cells[1]):
                raise ValueError(f"line {reader.line_num}: expected a prefix and a price, such as +4490,1.20")
            price = Decimal(cells[1])
            if prices.setdefault(prefix[1], price) != price:
                raise ValueError(f"line {reader.line_num}: prefix +{prefix[1]} has two prices")
    return Rates(prices)
