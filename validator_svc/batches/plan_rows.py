"""Segments that the numbering plan alone answers: stored rows go to the kernel, which counts them too."""

from collections import Counter
from typing import NamedTuple

from validator_svc.batches.counts import Counts, commonest, knows_lines
from validator_svc.batches.segments import Segments
from validator_svc.batches.spec import Plan
from validator_svc.formats.assumed import ASSUMED
from validator_svc.formats.row_regions import records_in_regions, region_in
from validator_svc.formats.segmenter import region_column
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import CsvLayout, Kind, Tally
from validator_svc.kernel.plan import Plan as NumberingPlan
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import RISKY


class Worked(NamedTuple):
    """A segment whose rows are all answered."""

    lines: bytes
    """A record of NDJSON for each row, in order."""
    counts: Counts | None = None
    """What they add up to, see `counts.tally`; None where that is to be counted from the records."""


class PlanRows:
    """Answers whole segments without an upstream. All methods block."""

    def __init__(self, classifier: Classifier, segments: Segments) -> None:
        self._classifier = classifier
        self._segments = segments

    def new_tally(self) -> Tally:
        """A tally to count with."""
        return self._classifier.kernel.new_tally()

    def worked(self, plan: Plan, index: int) -> Worked:
        """The records of a segment and their counts. Raises StorageError, MissingObjectError."""
        tally = self.new_tally()
        lines = self.lines(plan, index, plan.order.request_type, tally)
        counts = counts_of(self._classifier.plan, tally)
        if knows_lines(plan.order.request_type):
            counts |= lines_of(self._classifier.plan, tally)
            counts |= {"risky": risky} if (risky := lines.count(RISKY)) else {}
        return Worked(lines, counts)

    def lines(self, plan: Plan, index: int, request_type: RequestType, tally: Tally) -> bytes:
        """The records of a segment, counted. Raises StorageError, MissingObjectError."""
        kind = Kind(request_type, plan.order.region_code)
        if plan.layout.format == "csv":
            return self._csv(plan, index, kind, tally)
        rows = self._segments.rows(plan, index)
        return records_in_regions(self._classifier.kernel, rows.texts, rows.regions, kind, tally)

    def _csv(self, plan: Plan, index: int, kind: Kind, tally: Tally) -> bytes:
        """The records of rows of CSV."""
        layout = plan.layout
        region_at = region_column(layout, plan.order.region_column)
        at = CsvLayout(layout.delimiter, layout.phone_column, len(layout.columns), region_at, region_in)
        cells = self._segments.cells(plan, index)
        return self._classifier.kernel.csv(cells, kind, at, tally, "ndjson", is_last=True).output


def counts_of(numbering_plan: NumberingPlan, tally: Tally) -> Counts:
    """What a tally says, as `counts.tally` would of the records."""
    counts = Counter[str]()
    for record, rows in zip(numbering_plan.records, tally.counts, strict=True):
        if not rows:
            continue
        reason, country = record.facts.reason, record.facts.region_code
        counts["answered"] += rows
        counts["valid" if reason is None else "invalid"] += rows
        if reason is not None:
            counts[f"reason:{reason}"] += rows
        elif country is not None:
            counts[f"country:{country}"] += rows
    counts["duplicates"] = tally.duplicates
    counts[ASSUMED] = tally.assumed_international
    return {name: count for name, count in counts.items() if count}


def lines_of(numbering_plan: NumberingPlan, tally: Tally) -> Counts:
    """What a tally says of types and carriers, as `counts.tally` would of the records."""
    types, carriers = Counter[str](), Counter[str]()
    for record, rows in zip(numbering_plan.records, tally.counts, strict=True):
        if rows and record.facts.reason is None:
            types[record.facts.line_type or ""] += rows
            carriers[record.facts.original_carrier or ""] += rows
    # What is not known is not counted.
    del types[""], carriers[""]
    counts = {f"type:{name}": count for name, count in types.items()}
    return counts | {f"carrier:{name}": count for name, count in commonest(carriers).items()}
