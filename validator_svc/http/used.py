"""What one request used, counted over its records and noted when it ends, however it ends."""

import contextlib
import time
from collections.abc import AsyncGenerator

from aiohttp import web

from validator_svc.access.callers import Caller
from validator_svc.access.usage import Figures, UsageKind
from validator_svc.batches.plan_rows import counts_of
from validator_svc.http import context
from validator_svc.kernel.interface import Listed, Tally
from validator_svc.lookup.money import cost_nano_of
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import COST, FAILED, FROM_CACHE, VALID, valid_numbers


class Used:
    """The usage of one request."""

    def __init__(
        self, app: web.Application, caller: Caller, request_type: RequestType, kind: UsageKind
    ) -> None:
        self._app = app
        self._owner = caller.owner
        self._type = request_type
        self._kind: UsageKind = kind
        self._is_paid = app[context.RESOLVER].is_paid(request_type)
        self._began_s = time.perf_counter()

    def note(self, figures: Figures) -> None:
        """Note it, with how long it took."""
        duration_ms = round((time.perf_counter() - self._began_s) * 1_000)
        if figures.cached:
            price_nano = self._app[context.BATCHING].budget.price_nano(self._type)
            figures = figures._replace(saved_nano=figures.cached * price_nano)
        if duration_ms:
            figures = figures._replace(duration_ms=duration_ms)
        self._app[context.ACCESS_LOG].count_numbers(self._kind, self._type, figures)
        self._app[context.USAGE].record(self._owner, self._type, self._kind, figures)

    def note_one(self, line: bytes) -> None:
        """Note the only record of a request."""
        if self._is_paid:
            self.note(self.of(line))
        else:
            valid = VALID in line
            self.note(Figures(1, 1, int(valid), int(not valid)))

    def note_list(self, count: int, listed: Listed) -> None:
        """Note a list of so many records that cost nothing."""
        valid = listed.valid
        self.note(Figures(1, count, valid, count - valid, duplicates=listed.duplicates))

    async def counted(
        self, lines: AsyncGenerator[bytes, None], counts_duplicates: bool
    ) -> AsyncGenerator[bytes, None]:
        """The records as they come, noted at their end.

        Duplicates are counted where all numbers may be held.
        """
        figures, seen = Figures(), set[bytes]()
        try:
            async with contextlib.aclosing(lines):
                async for piece in lines:
                    figures = figures.plus(self.of(piece)._replace(requests=0))
                    if counts_duplicates:
                        seen.update(valid_numbers(piece))
                    yield piece
        finally:
            if figures.numbers:
                if counts_duplicates:
                    figures = figures._replace(duplicates=figures.valid + figures.unknown - len(seen))
                self.note(figures)

    async def tallied(self, lines: AsyncGenerator[bytes, None], tally: Tally) -> AsyncGenerator[bytes, None]:
        """The records as they come, which the kernel counts in `tally`; noted at their end."""
        is_begun = False
        try:
            async with contextlib.aclosing(lines):
                async for piece in lines:
                    is_begun = True
                    yield piece
                    del piece
        finally:
            if is_begun:
                counts = counts_of(self._app[context.CLASSIFIER].plan, tally)
                count = counts.get("answered", 0)
                self.note(Figures(1, count, counts.get("valid", 0), counts.get("invalid", 0)))

    def of(self, lines: bytes) -> Figures:
        """The figures of some records."""
        count, valid = lines.count(b"\n"), lines.count(VALID)
        if not self._is_paid:
            return Figures(1, count, valid, count - valid)
        unknown, paid = len(FAILED.findall(lines)), len(COST.findall(lines))
        return Figures(
            numbers=count,
            valid=valid - unknown,
            invalid=count - valid,
            unknown=unknown,
            cached=lines.count(FROM_CACHE),
            paid=paid,
            cost_nano=cost_nano_of(lines) if paid else 0,
        )
