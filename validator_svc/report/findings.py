"""What a list of results comes to: counts by kind, and some of its invalid rows."""

import re
from collections import Counter, defaultdict
from typing import NamedTuple

import orjson

from validator_svc.lookup.money import nano
from validator_svc.record.finished import COST, FAILED, REASON, VALID, begins

SAMPLES = 5
"""Invalid rows that are kept of each reason."""

COUNTRY = re.compile(begins("country_code") + rb'("[A-Z]{2}")')
LINE_TYPE = re.compile(begins("phone_type") + rb'("[^"]+")')
CARRIER = re.compile(begins("carrier_name") + rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")')


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
        self.cost_nano += sum(nano(cost.decode()) for cost in COST.findall(lines))
        for counts, pattern in (
            (self.countries, COUNTRY),
            (self.line_types, LINE_TYPE),
            (self.carriers, CARRIER),
        ):
            for value, count in Counter(pattern.findall(lines)).items():
                counts[orjson.loads(value)] += count
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
