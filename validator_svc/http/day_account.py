"""What one request takes of its key's day: reserved before anything is spent, settled when all is known."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TypeVar

from aiohttp import web

from validator_svc.access.api_key import ApiKey
from validator_svc.access.day_budget import DayBudget, Reserved
from validator_svc.http import context
from validator_svc.http.gate import CALLER
from validator_svc.lookup.money import cost_nano_of
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.numbering.facts import RequestType

Block = TypeVar("Block", bound=Sequence[object])


class DayAccount:
    """The account of one request; without limits nothing is counted."""

    key: ApiKey | None = None
    price_nano = 0

    def __init__(self, request: web.Request, request_type: RequestType) -> None:
        caller = request[CALLER]
        if not caller.has_days:
            return
        self.key = caller.key
        self.days: DayBudget = request.app[context.DAYS]
        is_paid = request.app[context.RESOLVER].is_paid(request_type)
        self.price_nano = request.app[context.BATCHING].budget.price_nano(request_type) if is_paid else 0
        self._reserved: list[Reserved] = []

    async def reserve(self, numbers: int) -> None:
        """Take so many numbers, and what they may cost. Raises DayUsedUpError, StoreAwayError."""
        if self.key is None:
            return
        try:
            reserved = await self.days.reserve(self.key, numbers, numbers * self.price_nano)
        except STORE_ERRORS as error:
            raise StoreAwayError(error) from None
        if self.price_nano:
            self._reserved.append(reserved)

    async def blocks(self, blocks: AsyncIterator[Block]) -> AsyncIterator[Block]:
        """The blocks of a body, each passed on when it is reserved."""
        async for block in blocks:
            await self.reserve(len(block))
            yield block

    def answered(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Records of what costs nothing, each piece passed on when it is reserved."""
        return lines if self.key is None else self._answered(lines)

    async def _answered(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(lines):
            async for piece in lines:
                await self.reserve(piece.count(b"\n"))
                yield piece
                del piece

    def settled(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The records as they come; when all have come, what they did not cost is given back.

        Of a request that is broken off nobody knows what it will have cost, so all of it stays reserved.
        """
        return self._settled(lines) if self.key is not None and self.price_nano else lines

    async def _settled(self, lines: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        left_nano = 0
        async with contextlib.aclosing(lines):
            async for piece in lines:
                left_nano += cost_nano_of(piece)
                yield piece
        await self.settle(left_nano)

    async def settle(self, left_nano: int) -> None:
        """Give back what was reserved and not used, but for so many billionths of a USD.

        Raises StoreAwayError.
        """
        if self.key is None:
            return
        try:
            for each in self._reserved:
                # What was over the price goes with the last one.
                used_nano = left_nano if each is self._reserved[-1] else min(left_nano, each.nano)
                await self.days.settle(each, each.numbers, used_nano)
                left_nano -= used_nano
        except STORE_ERRORS as error:
            raise StoreAwayError(error) from None
