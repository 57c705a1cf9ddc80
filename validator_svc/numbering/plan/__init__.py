"""The numbering plan, compiled: what `phonenumbers` says of a number, by looking it up.

    plan = Plan(cache_directory=Path("/var/cache/validator"))
    plan.find("6281234567890").answer()          # one number: a PlanAnswer
    plan.chunk("+6281234567890\\n1 213\\n", Kind("analysis"))     # whole lines to NDJSON
    plan.texts(["+6281234567890", ""], Kind("format", region_code="ID"))

Almost every answer depends only on calling code, length and a short decisive prefix, for the
patterns of the metadata end in `\\d{n}`. So the metadata is compiled, calling code by calling code
when it is first needed, into classes of numbers that are answered alike (`compiler`, `territory`).
Tables that fill themselves lead from digits to what is done with a number of a class (`tables`);
for lines that is a function which writes the finished record from the constants of the class
(`render`, `lines`, and `native`, which is optional).
Whatever does not fit goes through `phonenumbers`; the outcome is the same, and tests compare both.

Everything here may be called from several threads, and holds the interpreter while it works:
a tenth of a microsecond a plain line, one without `native`, fifty for one that goes the slow way.
"""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.completed import CompletedLines
from validator_svc.numbering.plan.finish import Kind, LineFinisher
from validator_svc.numbering.plan.found import Finder, Found
from validator_svc.numbering.plan.lines import LineWriter
from validator_svc.numbering.plan.national import RegionalLineWriter
from validator_svc.numbering.risk import NO_LIST, RiskList

__all__ = ["Found", "Kind", "Plan"]

# One writer takes a megabyte or two, and there are hundreds of kinds; those that were not used lately go.
MOST_WRITERS = 100
# Each time takes up to half a kilobyte, and numbers at random ask ever more; then all go.
MOST_ASKED = 500_000


class Plan:
    """The numbering plan for one operator's risk list. Make one and keep it."""

    def __init__(
        self, risk_list: RiskList = NO_LIST, cache_directory: Path | None = None, native: bool = True
    ) -> None:
        """`cache_directory`: where compiled plans are kept between runs; None compiles them anew.
        `native`: whether lines are written in machine code, where that was built.
        """
        self.risk_list = risk_list
        self.native = native
        self.atlas = Atlas(cache_directory)
        self.finder = Finder(self.atlas)
        self.writers: dict[Kind, LineWriter] = {}

    def find(self, digits: str) -> Found:
        """The place of `+digits` (ASCII digits) in the plan."""
        return self.finder.find(digits)

    def find_all(self, texts: Sequence[str], region_code: str | None = None) -> list[Found]:
        """The place of each text, whatever is in it, in order."""
        return self.finder.find_all(list(texts), region_code)

    def completed(self, kind: Kind) -> CompletedLines:
        """What writes lines that somebody completes; keep it no longer than a quarter of an hour."""
        return self.writer(kind).completed

    def complete(self) -> list[str]:
        """Compile all that is not compiled yet; two seconds, unless it was kept from the last run.

        Returns the calling codes that can only be answered the slow way (none, as things are).
        """
        return self.atlas.complete()

    def keep(self) -> None:
        """Store what was compiled, for the next run. Raises OSError when the directory cannot be written."""
        self.atlas.keep()

    def chunk(self, chunk: str, kind: Kind) -> bytes:
        """NDJSON for whole lines: one record for each, in order.

        Lines end in `\\n`, and one `\\r` before it is dropped; a line end at the very end adds no
        record, a blank line has one. Chunks of 16 to 64 kB are fastest. The bytes are those of
        `record.to_line`.
        """
        return self.writer(kind).chunk(chunk)

    def texts(self, texts: Iterable[str], kind: Kind) -> bytes:
        """NDJSON for texts, whatever is in them: one record for each, in order."""
        return self.writer(kind).texts(texts)

    def writer(self, kind: Kind) -> LineWriter:
        """What writes lines of one kind now; keep it no longer than a quarter of an hour."""
        quarter = quarter_of(time.time())
        if self.atlas.asked > MOST_ASKED:
            self.atlas.asked = 0
            self.writers.clear()
        writer = self.writers.pop(kind, None)
        if writer is None or (writer.finisher.quarter != quarter and not writer.finisher.holds_in(quarter)):
            finisher = LineFinisher(kind, quarter, self.risk_list)
            regional = kind.region_code is not None
            writer = (RegionalLineWriter if regional else LineWriter)(self.atlas, finisher, self.native)
            self.forget_writers(MOST_WRITERS - 1)
        self.writers[kind] = writer
        return writer

    def forget_writers(self, most: int) -> None:
        """Keep those used last."""
        for kind in list(self.writers)[: max(len(self.writers) - most, 0)]:
            self.writers.pop(kind, None)
