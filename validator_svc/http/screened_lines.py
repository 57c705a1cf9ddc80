"""Lists of requests screened line by line, while they are still being sent."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial

from validator_svc.http.lines import MAX_LINE
from validator_svc.http.screening_account import ScreeningAccount
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening.number_answers import NumberAnswers, NumberReader
from validator_svc.screening.runs import Run
from validator_svc.screening.screener import Asked, Screener
from validator_svc.turns import alone

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

    def answered(asked: list[Asked | Run], answers: NumberAnswers) -> bytes:
        account.count(answers.records)
        return screener.lines(asked, answers)

    def free(lines: Sequence[bytes]) -> bytes:
        asked, texts = screener.lines_read(lines)
        return answered(asked, reader.free(texts, wanted))

    takes_no_turns = not account.has_limits and not reader.is_paid(wanted)
    try:
        async for lines in slices_of(blocks):
            if takes_no_turns:
                yield await alone(partial(free, lines))
                continue
            asked, texts = await alone(partial(screener.lines_read, lines))
            await account.reserve(len(texts))
            if reader.is_paid(wanted):
                answers = await reader.paid(texts, wanted)
            else:
                answers = await alone(partial(reader.free, texts, wanted))
            yield await alone(partial(answered, asked, answers))
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
