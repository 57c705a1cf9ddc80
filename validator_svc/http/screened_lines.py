"""Lists of requests screened line by line, while they are still being sent."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from validator_svc.http.lines import MAX_LINE
from validator_svc.http.screening_account import ScreeningAccount
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening.number_answers import NumberAnswers, NumberReader
from validator_svc.screening.screener import Asked, Screener

# Requests that are screened in one go, in a thread, their numbers answered all at once.
SLICE_LINES = 512


async def screened_lines(
    blocks: AsyncIterator[bytes],
    screener: Screener,
    reader: NumberReader,
    wanted: Wanted,
    account: ScreeningAccount,
) -> AsyncGenerator[bytes, None]:
    """What is found of the requests of NDJSON, a line each. Raises DayUsedUpError, StoreAwayError."""

    def answered(asked: list[Asked], texts: list[str]) -> bytes:
        return found(asked, reader.free(texts, wanted))

    def found(asked: list[Asked], answers: NumberAnswers) -> bytes:
        account.count(answers.lines)
        return screener.lines(asked, answers)

    try:
        async for lines in slices_of(blocks):
            asked, texts = await asyncio.to_thread(screener.lines_read, lines)
            await account.reserve(len(texts))
            if reader.is_paid(wanted):
                yield await asyncio.to_thread(found, asked, await reader.paid(texts, wanted))
            else:
                yield await asyncio.to_thread(answered, asked, texts)
        await account.settle()
    finally:
        account.note()


async def slices_of(blocks: AsyncIterator[bytes]) -> AsyncIterator[Sequence[bytes]]:
    """The lines of a body, some at a time; one that is too long comes cut, and is still too long."""
    carried = b""
    async for block in blocks:
        *lines, carried = (carried + block).split(b"\n")
        carried = carried[: MAX_LINE + 1]
        for start in range(0, len(lines), SLICE_LINES):
            yield lines[start : start + SLICE_LINES]
    if carried:
        yield [carried]
