"""The numbering plan's answers to texts: places in the plan, finished records, records to be completed."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import cast

import orjson

from validator_svc.kernel import new_kernel
from validator_svc.kernel.completed import CompletedLines
from validator_svc.kernel.constants import ConstantsMaker
from validator_svc.kernel.interface import Kind
from validator_svc.kernel.lengths import lengths_of
from validator_svc.kernel.plan_store import current_plan
from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.risk import NO_LIST, RiskList
from validator_svc.record.record import to_line, unknown_country, unreadable_line

# Numbers that are classified in one go: as many as stay in the CPU's cache.
PIECE = 1_000

# What a text costs beside its characters, as many of them.
EACH = 16

# Kinds of records for which what was made is kept.
MOST_KINDS = 64


class Classifier:
    """Classifies numbers with one operator's risk list. Make one and keep it."""

    def __init__(self, risk_list: RiskList = NO_LIST, data_directory: Path | None = None) -> None:
        """`data_directory`: where a plan is kept that had to be made anew for the installed versions."""
        self.risk_list = risk_list
        self.plan = current_plan(data_directory)
        self.kernel = new_kernel(self.plan, risk_list)
        self.is_valid = [record.facts.reason is None for record in self.plan.records]
        """By record id."""
        self._completed: dict[Kind, CompletedLines] = {}

    def region_of(self, digits: str) -> str | None:
        """The region (ISO 3166-1 alpha-2) of digits of E.164; None where the calling code has none."""
        found = self.kernel.find([f"+{digits}"])
        return self.plan.records[found.records[0]].facts.region_code

    def completed(
        self, request_type: RequestType, region_code: str | None = None, both_names: bool = False
    ) -> CompletedLines:
        """What writes lines that somebody completes; keep it no longer than a quarter of an hour."""
        kind = Kind(request_type, region_code, both_names)
        completed = self._completed.pop(kind, None)
        if completed is None or not completed.maker.holds_in(quarter_of(time.time())):
            maker = ConstantsMaker(self.plan, kind)
            completed = CompletedLines(maker, self.risk_list)
        self._completed[kind] = completed
        for oldest in list(self._completed)[:-MOST_KINDS]:
            self._completed.pop(oldest, None)
        return completed

    def chunk(
        self, chunk: str, request_type: RequestType, region_code: str | None = None, both_names: bool = False
    ) -> bytes:
        """One NDJSON line for each line of a chunk; a line end at its very end adds none."""
        kind = Kind(request_type, region_code, both_names)
        return self.kernel.lines(chunk.encode(), kind, None, is_last=True).output

    def lines(
        self,
        texts: Iterable[str],
        request_type: RequestType,
        region_code: str | None = None,
        both_names: bool = False,
    ) -> bytes:
        """One NDJSON line a text, in order, joined."""
        return self.kernel.texts(texts, Kind(request_type, region_code, both_names))

    def rows(
        self, texts: Sequence[str | None], request_type: RequestType, region_code: str | None = None
    ) -> bytes:
        """The same for any number of texts, None standing for a line that could not be read."""
        pieces: list[bytes] = []
        for readable, run in runs(texts):
            if not readable:
                pieces.append(unreadable(len(run), request_type))
                continue
            for start in range(0, len(run), PIECE):
                pieces.append(self.lines(run[start : start + PIECE], request_type, region_code))
        return b"".join(pieces)


def runs(texts: Sequence[str | None]) -> Iterator[tuple[bool, list[str]]]:
    """The texts in runs of readable (True) and unreadable ones, which are None."""
    if all(texts):
        yield True, cast(list[str], texts)
        return
    for readable, run in groupby(texts, key=lambda text: text is not None):
        yield readable, [text or "" for text in run]


def end_of_slice(texts: Sequence[str], start: int, size: int) -> int:
    """Up to where texts from `start` on have about a size: their characters, and EACH more a text."""
    if not start and size >= EACH * len(texts):
        lengths = lengths_of(texts)
        if lengths is not None and size >= EACH * len(texts) + lengths[1]:
            return len(texts)
    for at in range(start, len(texts)):
        size -= len(texts[at]) + EACH
        if size < 0:
            return max(at, start + 1)
    return len(texts)


def without_country(texts: Iterable[str], request_type: RequestType) -> bytes:
    """The answer to texts that cannot be read, as their rows name no country that there is."""
    before, after = to_line(unknown_country(""), request_type).split(b'""', 1)
    return b"".join([b"%b%b%b" % (before, orjson.dumps(text), after) for text in texts])


def unreadable(count: int, request_type: RequestType, both_names: bool = False) -> bytes:
    """The answer to so many lines that could not be read."""
    return to_line(unreadable_line(), request_type, both_names) * count
