"""The face of this room: texts in, answers or finished NDJSON out, the numbering plan alone asked."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import cast

import orjson

from validator_svc.numbering.facts import RequestType
from validator_svc.numbering.plan import Found, Kind, Plan
from validator_svc.numbering.plan.completed import CompletedLines
from validator_svc.numbering.record import to_line, unknown_country, unreadable_line
from validator_svc.numbering.risk import NO_LIST, RiskList

# Numbers that are classified in one go: as many as stay in the CPU's cache.
PIECE = 1_000


class Classifier:
    """Classifies numbers with one operator's risk list. Make one and keep it."""

    def __init__(self, risk_list: RiskList = NO_LIST, cache_directory: Path | None = None) -> None:
        """`cache_directory`: where the compiled plan is kept between runs; None compiles it anew."""
        self.risk_list = risk_list
        self.plan = Plan(risk_list, cache_directory)

    def keep_plan(self) -> None:
        """Store what was compiled, for the next run; a directory that cannot be written stays as it is."""
        with contextlib.suppress(OSError):
            self.plan.keep()

    def find_all(self, texts: Sequence[str], region_code: str | None = None) -> list[Found]:
        """The place of each text in the plan, in order."""
        return self.plan.find_all(texts, region_code)

    def completed(
        self, request_type: RequestType, region_code: str | None = None, both_names: bool = False
    ) -> CompletedLines:
        """What writes lines that somebody completes; keep it no longer than a quarter of an hour."""
        return self.plan.completed(Kind(request_type, region_code, both_names))

    def chunk(
        self, chunk: str, request_type: RequestType, region_code: str | None = None, both_names: bool = False
    ) -> bytes:
        """One NDJSON line for each line of a chunk; a line end at its very end adds none."""
        return self.plan.chunk(chunk, Kind(request_type, region_code, both_names))

    def lines(
        self,
        texts: Iterable[str],
        request_type: RequestType,
        region_code: str | None = None,
        both_names: bool = False,
    ) -> bytes:
        """One NDJSON line a text, in order, joined."""
        return self.plan.texts(texts, Kind(request_type, region_code, both_names))

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


def without_country(texts: Iterable[str], request_type: RequestType) -> bytes:
    """The answer to texts that cannot be read, as their rows name no country that there is."""
    before, after = to_line(unknown_country(""), request_type).split(b'""', 1)
    return b"".join([b"%b%b%b" % (before, orjson.dumps(text), after) for text in texts])


def unreadable(count: int, request_type: RequestType, both_names: bool = False) -> bytes:
    """The answer to so many lines that could not be read."""
    return to_line(unreadable_line(), request_type, both_names) * count
