"""What one run of `validator-svc check` is to do."""

from pathlib import Path
from typing import NamedTuple

from validator_svc.commands.check_spending import Spending, asks_upstream
from validator_svc.formats.layout import Hints
from validator_svc.formats.output_formats import NDJSON, OutputFormat
from validator_svc.numbering.facts import RequestType

STANDARD_STREAM = "-"


class Check(NamedTuple):
    """What one run is to do."""

    input: str
    """A path; `-` for standard input."""
    hints: Hints
    request_type: RequestType | None = None
    """None: as much as the plan tells, and nothing is spent."""
    output: str = STANDARD_STREAM
    """A path; `-` for standard output."""
    format: OutputFormat = NDJSON
    spending: Spending = Spending()
    is_estimate: bool = False
    """Say what the run would cost, and do nothing else."""
    region_column: str | None = None
    """The name of the column where each row names its own country."""
    is_shown: bool = False
    """The first rows go to the terminal as a table, and no others anywhere."""
    report: Path | None = None
    """Where a page for people goes that says what the results come to."""

    @property
    def depth(self) -> RequestType:
        """How much to tell of each number."""
        return self.request_type or "validation"

    @property
    def is_paid(self) -> bool:
        """Whether an upstream is to be asked for money."""
        return asks_upstream(self.request_type)
