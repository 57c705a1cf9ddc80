"""The report of `validator-svc check`: what the results come to, as a page for people."""

from pathlib import Path

from validator_svc.atomic_write import whole_file
from validator_svc.commands.check_error import CheckError
from validator_svc.commands.check_run import STANDARD_STREAM, Check
from validator_svc.formats.writers import ResultWriter
from validator_svc.lookup.money import usd
from validator_svc.report.findings import Findings


class Noted:
    """Writes results as another writer does, and notes what they come to."""

    def __init__(self, writer: ResultWriter) -> None:
        self.writer = writer
        self.found = Findings()

    def begin(self) -> None:
        """Write what stands before the first row."""
        self.writer.begin()

    def write(self, cells: bytes | None, lines: bytes) -> None:
        """Write rows with their results. Raises UnwritableError, OSError."""
        self.found.add(lines)
        self.writer.write(cells, lines)

    def end(self) -> None:
        """Write what stands after the last row. Raises OSError."""
        self.writer.end()

    def close(self) -> None:
        """Let go of what is held, ended or not."""
        self.writer.close()


def write_report(wanted: Check, read_as: str, found: Findings, duration_s: float) -> None:
    """Write the page; it appears when it is complete. Raises CheckError."""
    # Only here, as most runs write none.
    from validator_svc.report.page import page

    assert wanted.report is not None
    name = "standard input" if wanted.input == STANDARD_STREAM else Path(wanted.input).name
    facts = [("Read as", read_as), ("Asked for", wanted.depth), ("Took", f"{duration_s:.1f} s")]
    if wanted.is_paid:
        facts.append(("Cost", f"{usd(found.cost_nano)} USD"))
    else:
        facts.append(("Source", "the numbering plan alone, for nothing"))
    if wanted.output != STANDARD_STREAM:
        facts.append(("All results", wanted.output))
    try:
        with whole_file(wanted.report) as file:
            file.write(page(name, facts, found))
    except OSError as error:
        raise CheckError(f"{wanted.report}: {error.strerror}") from None
