"""An estimate: which numbers of a list are valid, which come twice, which are known, which would be paid."""

import asyncio
import tempfile
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import BinaryIO, NamedTuple

from validator_svc.batches.budget import Budget, valid_tally
from validator_svc.batches.plan_rows import PlanRows, counts_of
from validator_svc.batches.spec import Order, Plan
from validator_svc.formats.assumed import ASSUMED
from validator_svc.kernel.interface import Tally

# Equal numbers land in the same one, and one at a time is held, so a list of any length can be told.
PARTITIONS = 64
# Numbers of a partition that are held before they are written.
HELD = 4_096
READ_NUMBERS = 1_000

Read = Callable[[Tally], object]
"""Reads some rows, and counts them. Blocks."""


class EstimateCounts(NamedTuple):
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


async def stored_rows(plan_rows: PlanRows, plan: Plan) -> AsyncIterator[Read]:
    """The rows of a stored list; each raises StorageError, MissingObjectError."""

    def read(index: int) -> Read:
        return lambda tally: plan_rows.lines(plan, index, "format", tally)

    for index in range(plan.segments):
        yield read(index)


class Estimate:
    """Goes through a list, some rows at a time, with its valid numbers in one file on disk."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    async def of(self, order: Order, list_: AsyncIterator[Read]) -> EstimateCounts:
        """The counts of a list.

        Raises OSError for a disk that fails, redis.exceptions.RedisError, and what `list_` raises.
        """
        counts = Counter[str]()
        distinct = cached = 0
        with tempfile.TemporaryFile() as file:
            numbers = Partitions(file)
            async for read in list_:
                counts.update(await asyncio.to_thread(self._read, read, numbers))
            for partition in range(PARTITIONS):
                different = await asyncio.to_thread(numbers.different, partition)
                distinct += len(different)
                cached += await self._cached(order, different)
        valid = counts["valid"]
        billable = distinct - cached if self.budget.is_paid(order) else 0
        reasons = Counter({name.removeprefix("reason:"): n for name, n in counts.items() if ":" in name})
        return EstimateCounts(
            counts["answered"],
            valid,
            valid - distinct,
            cached,
            billable,
            counts[ASSUMED],
            dict(reasons.most_common()),
        )

    def _read(self, read: Read, numbers: "Partitions") -> dict[str, int]:
        """Read some rows and keep their valid numbers; returns the counts but for those of countries."""
        tally = valid_tally(self.budget.classifier.kernel)
        read(tally)
        numbers.add(tally.valid or array("Q"))
        counts = counts_of(self.budget.classifier.plan, tally)
        return {name: count for name, count in counts.items() if not name.startswith("country:")}

    async def _cached(self, order: Order, different: list[int]) -> int:
        if not self.budget.is_paid(order):
            return 0
        cached = 0
        for start in range(0, len(different), READ_NUMBERS):
            cached += await self.budget.cached(order, array("Q", different[start : start + READ_NUMBERS]))
        return cached


class Partitions:
    """Numbers in a file (digits of E.164, which fit 64 bits), partitioned so that equal ones are together."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = [array("Q") for _ in range(PARTITIONS)]
        self._written: list[list[tuple[int, int]]] = [[] for _ in range(PARTITIONS)]
        """Of each partition, where in the file it is: offsets and sizes in bytes."""

    def add(self, numbers: "array[int]") -> None:
        """Keep numbers. Blocks. Raises OSError."""
        held = self._held
        for number in numbers:
            held[number % PARTITIONS].append(number)
        for partition, some in enumerate(held):
            if len(some) >= HELD:
                self._write(partition, some)

    def different(self, partition: int) -> list[int]:
        """The different numbers of a partition. Blocks. Raises OSError."""
        different = set(self._held[partition])
        for offset, size in self._written[partition]:
            self._file.seek(offset)
            numbers = array("Q")
            numbers.frombytes(self._file.read(size))
            different.update(numbers)
        return list(different)

    def _write(self, partition: int, numbers: "array[int]") -> None:
        content = numbers.tobytes()
        self._written[partition].append((self._file.tell(), len(content)))
        self._file.write(content)
        self._held[partition] = array("Q")
