"""What was used: a record for each request or batch, and what records add up to."""

from operator import add
from typing import Literal, NamedTuple

UsageKind = Literal["number", "list", "stream", "batch", "screen", "forward"]

MINUTE_MS = 60 * 1_000
HOUR_MS = 60 * MINUTE_MS


class Figures(NamedTuple):
    """What a record counts. Sums of records are figures as well."""

    requests: int = 1
    """Requests or batches that the record is of."""
    numbers: int = 0
    """How many were given; `count` on the wire."""
    valid: int = 0
    invalid: int = 0
    unknown: int = 0
    """Numbers whose lookup failed."""
    duplicates: int = 0
    """Valid numbers that came before in the same list, as far as that is known."""
    cached: int = 0
    """Numbers whose answer had been paid for before."""
    paid: int = 0
    cost_nano: int = 0
    """What was paid, in billionths of a USD."""
    saved_nano: int = 0
    """What the cached ones would have cost."""
    duration_ms: int = 0

    def plus(self, other: "Figures") -> "Figures":
        """Both added up."""
        return Figures._make(map(add, self, other))

    def to_text(self) -> str:
        """The figures as they are kept."""
        return " ".join(map(str, self))

    @classmethod
    def from_text(cls, text: str) -> "Figures":
        """The figures back. Raises ValueError, TypeError."""
        return cls(*map(int, text.split()))


NOTHING_USED = Figures(requests=0)


class Use(NamedTuple):
    """A record of usage."""

    at_ms: int
    """When the request was answered, or the batch ended, in milliseconds since the epoch."""
    owner: str
    """The id of the key that it came with; empty without one."""
    request_type: str
    kind: str
    """See `UsageKind`."""
    figures: Figures
    batch_id: str = ""
    """The batch that it is of; empty where it is of a request, or of several."""

    @property
    def id(self) -> str:
        """What tells it from the other records of its owner in the same hour."""
        return f"{self.at_ms % HOUR_MS}:{self.request_type}:{self.kind}:{self.batch_id}"

    @property
    def id_of_minute(self) -> str:
        """The id of the record that all of its minute and kind are added to where there are many."""
        return f"{self.at_ms % HOUR_MS // MINUTE_MS * MINUTE_MS}:{self.request_type}:{self.kind}:"


def use_from(owner: str, hour_ms: int, line: str) -> Use:
    """A record from its id and figures, as they are kept for an hour. Raises ValueError, TypeError."""
    use_id, _, figures = line.partition(" ")
    at_ms, request_type, kind, batch_id = use_id.split(":")
    return Use(hour_ms + int(at_ms), owner, request_type, kind, Figures.from_text(figures), batch_id)
