"""Segments that the numbering plan alone answers: stored rows go to the kernel, which counts them too."""

from collections import Counter
from typing import NamedTuple

from validator_svc.batches.counts import Counts
from validator_svc.batches.segments import Rows, Segments
from validator_svc.batches.spec import Plan
from validator_svc.formats.assumed import ASSUMED
from validator_svc.formats.segmenter import region_column
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import UNKNOWN_COUNTRY, CsvLayout, Kind, Tally
from validator_svc.numbering.countries import MOST_CHARS, UNKNOWN, region_named


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

    def worked(self, plan: Plan, index: int) -> Worked:
        """The records of a segment and their counts. Raises StorageError, MissingObjectError."""
        tally = self._classifier.kernel.new_tally()
        kind = Kind(plan.order.request_type, plan.order.region_code)
        if plan.layout.format == "csv":
            lines = self._csv(plan, index, kind, tally)
        else:
            lines = self._texts(self._segments.rows(plan, index), kind, tally)
        return Worked(lines, self._counts(tally))

    def _csv(self, plan: Plan, index: int, kind: Kind, tally: Tally) -> bytes:
        """The records of rows of CSV."""
        layout = plan.layout
        region_at = region_column(layout, plan.order.region_column)
        at = CsvLayout(layout.delimiter, layout.phone_column, len(layout.columns), region_at, region_in)
        cells = self._segments.cells(plan, index)
        return self._classifier.kernel.csv(cells, kind, at, tally, "ndjson", is_last=True).output

    def _texts(self, rows: Rows, kind: Kind, tally: Tally) -> bytes:
        if rows.regions is None:
            return self._classifier.kernel.texts(rows.texts, kind, tally)
        answered: dict[int, bytes] = {}
        for region in dict.fromkeys(rows.regions):
            of_region = [at for at, each in enumerate(rows.regions) if each == region]
            code = UNKNOWN_COUNTRY if region == UNKNOWN else region
            texts = [rows.texts[at] for at in of_region]
            lines = self._classifier.kernel.texts(texts, kind_in(kind, code), tally)
            answered |= zip(of_region, lines.splitlines(keepends=True), strict=True)
        return b"".join(answered[at] for at in range(len(rows.texts)))

    def _counts(self, tally: Tally) -> Counts:
        counts = Counter[str]()
        for record, rows in zip(self._classifier.plan.records, tally.counts, strict=True):
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


def region_in(cell: str) -> str | None:
    """What a country cell stands for, as the kernel asks it (see `interface.Countries`)."""
    region = region_named(cell[:MOST_CHARS])
    return UNKNOWN_COUNTRY if region == UNKNOWN else region


def kind_in(kind: Kind, region_code: str | None) -> Kind:
    """The same kind of records, of numbers read in another region."""
    return Kind(kind.request_type, region_code, kind.both_names)
