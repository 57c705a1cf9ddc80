"""The ledger: every request that came, every number that was billed."""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from loadtest.wavix_emulator.window import OneSecondWindow

Kind = Literal["single", "sync", "async", "poll"]
KINDS: tuple[Kind, ...] = ("single", "sync", "async", "poll")

# USD a number. A price of 0 means: not billed at all.
DEFAULT_PRICES: Mapping[str, Decimal] = {
    "format": Decimal(0),
    "analysis": Decimal("0.005"),
    "validation": Decimal("0.01"),
}
# Entries kept of a long run; the totals count every request.
ENTRIES_KEPT = 100_000


@dataclass(slots=True)
class Entry:
    """One request as the ledger keeps it."""

    kind: Kind
    request_type: str | None
    """`format`, `analysis` or `validation`; None for a poll and for what could not be read."""
    asked: int
    """Numbers in the request."""
    at: datetime
    status: int = 0
    """The HTTP status sent; 0 while there is none, and when the connection was reset instead."""
    fault: str | None = None
    """The fault that changed the reply, if one did."""
    billed: tuple[str, ...] = ()
    """Digits of each number billed, as often as it was billed."""
    billed_at: datetime | None = None
    spend: Decimal = Decimal(0)

    def as_json(self) -> dict[str, Any]:
        """For the admin route: counts instead of the numbers."""
        return {
            "kind": self.kind,
            "type": self.request_type,
            "asked": self.asked,
            "at": self.at,
            "status": self.status,
            "fault": self.fault,
            "billed": len(self.billed),
            "billed_at": self.billed_at,
            "spend": str(self.spend),
        }


@dataclass
class Ledger:
    """What came and what it cost since the start or the last reset. Money is in USD."""

    prices: Mapping[str, Decimal] = field(default_factory=lambda: DEFAULT_PRICES)
    bill_failed: bool = False
    """Whether lookups that fail (013, 041, 042) are billed too."""
    funds: int | None = None
    """How many more numbers can be billed; None: no limit."""
    clock: Callable[[], float] = time.monotonic
    """Seconds that never go back; for what counts by the second."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything but prices and funds."""
        self.requests: deque[Entry] = deque(maxlen=ENTRIES_KEPT)
        self.times_billed: Counter[str] = Counter()
        self.spend = Decimal(0)
        self.requests_by_kind: Counter[str] = Counter()
        self.requests_by_status: Counter[int] = Counter()
        self._arrivals = OneSecondWindow()
        self._accepted = OneSecondWindow()

    @property
    def billed_total(self) -> int:
        """Numbers billed, repeats included."""
        return self.times_billed.total()

    @property
    def distinct_numbers(self) -> int:
        """Different numbers billed."""
        return len(self.times_billed)

    @property
    def max_times_billed(self) -> int:
        """How often the number billed most was billed; 0 when none was."""
        return max(self.times_billed.values(), default=0)

    @property
    def requests_total(self) -> int:
        """Requests of every kind, refused ones included."""
        return self.requests_by_kind.total()

    @property
    def busiest_second(self) -> int:
        """The most requests, refused ones included, within any one second."""
        return self._arrivals.busiest

    @property
    def busiest_second_accepted(self) -> int:
        """The most requests within any one second that were not refused for their rate."""
        return self._accepted.busiest

    def arrived(self, kind: Kind, request_type: str | None, asked: int) -> Entry:
        """Open the entry of a request that has just arrived."""
        entry = Entry(kind, request_type, asked, at=datetime.now(UTC))
        self.requests.append(entry)
        self.requests_by_kind[kind] += 1
        self._arrivals.add(self.clock())
        return entry

    def has_room(self, per_s: int | None) -> bool:
        """Whether a limit of this many accepted requests a second lets one more in; if so, it is counted."""
        now_s = self.clock()
        if per_s is not None and self._accepted.count(now_s) >= per_s:
            return False
        self._accepted.add(now_s)
        return True

    def can_pay(self) -> bool:
        """Whether the funds last for one more number; if so, they are reduced by it."""
        if self.funds is None:
            return True
        if self.funds == 0:
            return False
        self.funds -= 1
        return True

    def bill(self, entry: Entry, digits: list[str]) -> None:
        """Bill each of these numbers once for this request."""
        if not digits or entry.request_type is None:
            return
        entry.billed = tuple(digits)
        entry.billed_at = datetime.now(UTC)
        entry.spend = self.prices[entry.request_type] * len(digits)
        self.spend += entry.spend
        self.times_billed.update(digits)

    def replied(self, entry: Entry, status: int) -> None:
        """Close the entry with the HTTP status sent; 0 for a connection that was reset."""
        entry.status = status
        self.requests_by_status[status] += 1

    def totals(self) -> dict[str, Any]:
        """The figures for the admin route."""
        return {
            "billed_total": self.billed_total,
            "distinct_numbers": self.distinct_numbers,
            "max_times_billed": self.max_times_billed,
            "spend": str(self.spend),
            "funds": self.funds,
            "requests_total": self.requests_total,
            "requests_by_kind": dict(self.requests_by_kind),
            "requests_by_status": {str(status): n for status, n in self.requests_by_status.items()},
            "busiest_second": self.busiest_second,
            "busiest_second_accepted": self.busiest_second_accepted,
        }
