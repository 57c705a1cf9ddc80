"""The plan of a batch: what was asked for and how its file is cut; it never changes once accepted."""

import json
from enum import StrEnum
from typing import Any, NamedTuple

from validator_svc.formats.layout import Layout
from validator_svc.numbering.facts import RequestType


class Status(StrEnum):
    """Where a batch stands."""

    QUEUED = "queued"
    """Accepted; no segment was begun."""
    PROGRESS = "progress"
    """Being worked."""
    PAUSED = "paused"
    """Waiting for something outside: the upstream, funds, the store, or its owner."""
    SUCCESS = "success"
    """Every row is answered; lookups that failed are coded, and may be retried."""
    CANCELED = "canceled"
    """Stopped by its owner; what was answered by then stays."""
    FAILED = "failed"
    """Cannot be worked to its end."""


UNENDED = (Status.QUEUED, Status.PROGRESS, Status.PAUSED)

# Fields of an order on which no answer depends. They are kept beside the plan, not in it: a process of an
# older version passes over what it does not know there, and works the batch all the same.
NOTES = ("request_id", "trace")


class Order(NamedTuple):
    """What the sender of a list asks for."""

    request_type: RequestType
    region_code: str | None = None
    """Region in which numbers without calling code are read, ISO 3166-1 alpha-2."""
    region_column: str | None = None
    """The column that names each row's region instead."""
    not_before_ms: int = 0
    """No cached answer from before then (milliseconds since the epoch) will do."""
    name: str = ""
    max_cost: str | None = None
    """USD, a decimal string: the batch pauses before it costs more."""
    webhook_url: str | None = None
    owner: str = ""
    """The id of the API key that it was sent with; empty without one."""
    shows_checked_at: bool = False
    """Whether cached answers tell when they were given."""
    system: str = ""
    """The telecom system that the rows are requests to, to be screened; empty where they are numbers."""
    policy: dict[str, Any] | None = None
    """Fields of the sender's own policy, of screened requests."""
    request_id: str = ""
    """The request that it came with, for logs and traces; empty without one."""
    trace: str = ""
    """The span of that request, see `traces.here`; empty without one."""


def given(fields: Order | Layout) -> dict[str, Any]:
    """The fields that are not as they are by themselves; the others need not be known to who reads them."""
    return {
        name: value
        for name, value in fields._asdict().items()
        if name not in fields._field_defaults or value != fields._field_defaults[name]
    }


class Plan(NamedTuple):
    """An accepted batch."""

    batch_id: str
    order: Order
    layout: Layout
    has_cells: bool
    """Whether rows have columns of their own beside the number."""
    rows: int
    """How many."""
    segment_rows: int
    """Rows a segment; the last one may have fewer."""
    created_ms: int

    def rows_in(self, index: int) -> int:
        """How many rows a segment has."""
        return min(self.segment_rows, self.rows - index * self.segment_rows)

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return -(-self.rows // self.segment_rows)

    def to_json(self) -> str:
        """The plan as text, without notes.

        Not by orjson: names of columns may hold lone surrogates (PEP 383).
        """
        order = {name: value for name, value in given(self.order).items() if name not in NOTES}
        layout = {"columns": self.layout.columns} | given(self.layout)
        return json.dumps(self._asdict() | {"order": order, "layout": layout})

    @classmethod
    def from_json(cls, text: bytes | str) -> "Plan":
        """The plan back. Raises TypeError for one with fields that this version does not know.

        Only a newer one writes such, where it was asked for what this one cannot do.
        """
        values: dict[str, Any] = json.loads(text)
        layout = values["layout"]
        values["layout"] = Layout(**layout | {"columns": tuple(layout["columns"])})
        values["order"] = Order(**values["order"])
        return cls(**values)
