"""An estimate: which numbers of a list are valid, which come twice, which are known, which would be paid."""

import asyncio
import contextlib
import tempfile
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from validator_svc.batches.budget import Budget, digits_in
from validator_svc.batches.segments import Rows, Segments
from validator_svc.batches.spec import Order, Plan
from validator_svc.formats.assumed import ASSUMED, count_assumed
from validator_svc.record.finished import REASON

# Equal numbers land in the same part; one part at a time is held, so a list of any length can be told.
PARTS = 64
READ_NUMBERS = 1_000


class Found(NamedTuple):
    """Counts of one list."""

    rows: int
    valid: int
    duplicates: int
    """Valid numbers that came before in the list."""
    cached: int
    billable: int
    assumed_international: int
    """See `assumed`."""
    reasons: dict[str, int]
    """How many are invalid, for each reason; the commonest first."""


async def stored_rows(segments: Segments, plan: Plan) -> AsyncIterator[Rows]:
    """The rows of a stored list. Raises StorageError."""
    for index in range(plan.segments):
        yield await asyncio.to_thread(segments.rows, plan, index)


class Estimate:
    """Goes through a list, some rows at a time, with its valid numbers on disk."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    async def of(self, order: Order, list_: AsyncIterator[Rows]) -> Found:
        """The counts of a list. Raises redis.exceptions.RedisError, and what `list_` raises."""
        count = valid = distinct = cached = 0
        tallied = Counter[str]()
        with contextlib.ExitStack() as stack:
            numbers = Parts(stack)
            async for rows in list_:
                count += len(rows.texts)
                valid += await asyncio.to_thread(self._keep, numbers, rows, order.region_code, tallied)
            for part in range(PARTS):
                different = await asyncio.to_thread(numbers.different, part)
                distinct += len(different)
                cached += await self._cached(order, different)
        billable = distinct - cached if self.budget.is_paid(order) else 0
        assumed = tallied.pop(ASSUMED, 0)
        return Found(count, valid, valid - distinct, cached, billable, assumed, dict(tallied.most_common()))

    def _keep(self, numbers: "Parts", rows: Rows, region_code: str | None, tallied: Counter[str]) -> int:
        """Keep the valid numbers of some rows, and tally the others' reasons; returns how many are valid."""
        valid = 0
        for part in self.budget.read(rows, region_code):
            valid += numbers.add(map(int, digits_in(part.lines)))
            tallied.update(reason.decode() for reason in REASON.findall(part.lines))
            if part.region_code is None:
                tallied[ASSUMED] += count_assumed(part.texts, part.lines)
        return valid

    async def _cached(self, order: Order, different: list[int]) -> int:
        if not self.budget.is_paid(order):
            return 0
        cached = 0
        for start in range(0, len(different), READ_NUMBERS):
            part = [str(number) for number in different[start : start + READ_NUMBERS]]
            cached += await self.budget.cached(order, part)
        return cached


class Parts:
    """Numbers on disk (digits of E.164, which fit 64 bits), parted so that equal ones are together."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(PARTS)]  # noqa: SIM115

    def add(self, numbers: Iterable[int]) -> int:
        """Keep numbers; returns how many they were."""
        parts = [array("Q") for _ in range(PARTS)]
        for number in numbers:
            parts[number % PARTS].append(number)
        for part, file in zip(parts, self._files, strict=True):
            file.write(part.tobytes())
        return sum(map(len, parts))

    def different(self, part: int) -> list[int]:
        """The different numbers of a part."""
        file = self._files[part]
        file.seek(0)
        numbers = array("Q")
        numbers.frombytes(file.read())
        return list(set(numbers))
