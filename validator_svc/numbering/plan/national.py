"""Lines for texts that may be written as dialled in a region.

A text with `+` means the same everywhere. Any other is first read as dialled in the region, then
as international; the first valid reading counts, and if there is none, the first one.
"""

from typing import Any

from validator_svc.numbering.plan.atlas import Atlas
from validator_svc.numbering.plan.beginnings import Beginnings
from validator_svc.numbering.plan.dialling import Dialling
from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.lines import LineWriter, native_loop
from validator_svc.numbering.plan.readings import FirstReading, SecondReading
from validator_svc.numbering.plan.tables import (
    MAX_DIGITS,
    MIN_VIABLE,
    Entry,
    Tables,
    look_up_rewritten,
    slice_of,
)


class RegionalLineWriter(LineWriter):
    """Writes lines of one kind, for one region."""

    drop_zeros = False

    def __init__(self, atlas: Atlas, finisher: LineFinisher, native: bool = False) -> None:
        super().__init__(atlas, finisher)
        self.dialled = DialledTables(atlas, finisher)
        self.loop = native_loop(self.tables, finisher, self.dialled) if native else None

    def plain_lines(self, texts: list[str], digits: list[str]) -> list[str]:
        return [
            (self.tables if text[:1] == "+" else self.dialled).look_up(text, each)
            for text, each in zip(texts, digits, strict=True)
        ]


class DialledTables(Tables):
    """Tables for digits as dialled in a region; what they come to is looked up in tables of readings."""

    def __init__(self, atlas: Atlas, finisher: LineFinisher) -> None:
        assert finisher.kind.region_code is not None
        super().__init__(atlas, finisher)
        self.dialling = Dialling(finisher.kind.region_code)
        self.beginnings = Beginnings(self.dialling)
        second = SecondReading(finisher)
        first = FirstReading(finisher, Tables(atlas, second, Tables(atlas, second)))
        self.first_stripped = Tables(atlas, first)
        self.first_reading = Tables(atlas, first, self.first_stripped)

    def first(self, length: int, beginning: str) -> Entry:
        if length < MIN_VIABLE or length > MAX_DIGITS:
            return self.finisher.slow_way()
        self.atlas.asked += 1
        rewriting = self.beginnings.rewriting(length, beginning)
        entry = self.made.get(rewriting)
        if entry is None:
            if rewriting is None:
                entry = (read_dialled, self)
            else:
                kept = slice_of(rewriting.dropped, MAX_DIGITS)
                tables = self.readings(rewriting.is_stripped)
                entry = (look_up_rewritten, rewriting.calling_code, kept, tables)
            self.made[rewriting] = entry
        return entry

    def readings(self, is_stripped: bool) -> Tables:
        """Where to look up a first reading."""
        return self.first_stripped if is_stripped else self.first_reading


def read_dialled(text: str, digits: str, entry: Entry) -> Any:
    """Entry: the tables for dialled digits."""
    tables: DialledTables = entry[1]
    found = tables.dialling.read(digits)
    if found is None:
        slow = tables.finisher.slow_way()
        return slow[0](text, digits, slow)
    return tables.readings(found.is_stripped).look_up(text, found.digits)
