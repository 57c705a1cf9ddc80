"""What screening uses of a caller's day, and its record of usage: counted over the numbers of requests."""

from aiohttp import web

from validator_svc.access.usage import Figures, UsageKind
from validator_svc.http.day_account import DayAccount
from validator_svc.http.gate import CALLER
from validator_svc.http.used import Used
from validator_svc.numbering.facts import RequestType


class ScreeningAccount:
    """The account of one HTTP request, with however many requests to a system in it."""

    def __init__(self, request: web.Request, request_type: RequestType, kind: UsageKind) -> None:
        self._day = DayAccount(request, request_type)
        self._used = Used(request.app, request[CALLER], request_type, kind)
        self._figures = Figures()

    async def reserve(self, numbers: int) -> None:
        """Take so many numbers, and what they may cost. Raises DayUsedUpError, StoreAwayError."""
        if numbers:
            await self._day.reserve(numbers)

    def count(self, numbers: int, valid: int) -> None:
        """Count numbers that the numbering plan answered."""
        self._figures = self._figures.plus(Figures(0, numbers, valid, numbers - valid))

    def count_records(self, records: bytes) -> None:
        """Count the records of numbers that were answered, lines of NDJSON."""
        if records:
            figures = self._used.of(records)
            self._figures = self._figures.plus(figures._replace(requests=0))

    def note(self) -> None:
        """Note what was used, at the end of the request, however it ends."""
        if self._figures.numbers:
            self._used.note(self._figures)

    async def settle(self) -> None:
        """Give back what was reserved and not used, once all is answered. Raises StoreAwayError."""
        await self._day.settle(self._figures.cost_nano)
