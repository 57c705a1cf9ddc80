"""Lists of requests screened line by line, while they are still being sent."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

from validator_svc.http.lines import MAX_LINE
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening.number_answers import NumberReader
from validator_svc.screening.screener import Asked, Screener

# Requests that are screened in one go, in a thread, their numbers answered all at once.
SLICE_LINES = 512


async def screened_lines(
    blocks: AsyncIterator[bytes],
    screener: Screener,
    reader: NumberReader,
    wanted: Wanted,
    reserve: Callable[[int], Awaitable[None]],
) -> AsyncGenerator[bytes, None]:
    """What is found of the requests of NDJSON, a line each, in order.

    `reserve` is told of numbers before they are looked up. Raises what it raises, and StoreAwayError.
    """

    def answered(asked: list[Asked], texts: list[str]) -> bytes:
        return screener.lines(asked, reader.free(texts, wanted))

    async for lines in slices_of(blocks):
        asked, texts = await asyncio.to_thread(screener.lines_read, lines)
        await reserve(len(texts))
        if reader.is_paid(wanted):
            yield await asyncio.to_thread(screener.lines, asked, await reader.paid(texts, wanted))
        else:
            yield await asyncio.to_thread(answered, asked, texts)


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
