"""What a list of results comes to: counts by kind, and some of its invalid rows."""

from collections import Counter, defaultdict
from typing import NamedTuple

import orjson

from validator_svc.lookup.money import cost_nano_of
from validator_svc.record.finished import (
    FAILED,
    REASON,
    VALID,
    carriers_of,
    countries_of,
    types_of,
    valid_of,
)

SAMPLES = 5
"""Invalid rows that are kept of each reason."""


class Sample(NamedTuple):
    """One invalid row."""

    row: int
    """Of the file, from 1, without what stands before the first one."""
    number: str
    """As it was sent."""


class Findings:
    """Counts of records, in whatever pieces they come, and some that are invalid."""

    def __init__(self) -> None:
        self.rows = 0
        self.valid = 0
        self.failed = 0
        """Records whose lookup failed."""
        self.cost_nano = 0
        """Billionths of a USD."""
        self.countries: Counter[str] = Counter()
        self.line_types: Counter[str] = Counter()
        self.carriers: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.samples: defaultdict[str, list[Sample]] = defaultdict(list)
        """The first invalid rows, by reason."""

    @property
    def invalid(self) -> int:
        """Records that are not valid."""
        return self.rows - self.valid

    def add(self, lines: bytes) -> None:
        """Count records, NDJSON, that follow those counted before."""
        rows_before = self.rows
        self.rows += lines.count(b"\n")
        self.valid += lines.count(VALID)
        self.failed += len(FAILED.findall(lines))
        self.cost_nano += cost_nano_of(lines)
        for country, count in countries_of(valid_of(lines)).items():
            self.countries[country.decode()] += count
        self.line_types += types_of(lines)
        self.carriers += carriers_of(lines)
        reasons = Counter(reason.decode() for reason in REASON.findall(lines))
        self.reasons += reasons
        if any(len(self.samples[reason]) < SAMPLES for reason in reasons):
            self._sample(lines, rows_before)

    def _sample(self, lines: bytes, rows_before: int) -> None:
        for at, line in enumerate(lines.splitlines(), rows_before + 1):
            if VALID in line or (found := REASON.search(line)) is None:
                continue
            samples = self.samples[found[1].decode()]
            if len(samples) < SAMPLES:
                samples.append(Sample(at, str(orjson.loads(line)["phone_number"])))
