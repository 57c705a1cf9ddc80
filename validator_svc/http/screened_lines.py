"""Lists of requests screened line by line, while they are still being sent."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial

from validator_svc.http.lines import MAX_LINE
from validator_svc.http.screening_account import ScreeningAccount
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.screening.free_list import FreeList
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
    slices = slices_of(blocks)
    is_paid = reader.is_paid(wanted)
    answered = (
        paid(slices, screener, reader, wanted, account)
        if is_paid
        else free(slices, FreeList(screener, reader, wanted), account)
    )
    try:
        async for lines in answered:
            yield lines
        await account.settle()
    finally:
        account.note()


async def free(
    slices: AsyncIterator[bytes], requests: FreeList, account: ScreeningAccount
) -> AsyncIterator[bytes]:
    """What the numbering plan says, reserved as soon as it shows how many numbers there are."""
    async for block in slices:
        lines, numbers, valid = await alone(partial(requests.answered, block))
        await account.reserve(numbers)
        account.count(numbers, valid)
        yield lines


async def paid(
    slices: AsyncIterator[bytes],
    screener: Screener,
    reader: NumberReader,
    wanted: Wanted,
    account: ScreeningAccount,
) -> AsyncIterator[bytes]:
    """The same with numbers from cache and upstream, where the plan does not suffice."""

    def answered(asked: Sequence[Asked | Run], answers: NumberAnswers) -> bytes:
        account.count_records(answers.records)
        return b"".join(screener.lines(asked, answers))

    async for block in slices:
        asked, texts = await alone(partial(screener.lines_read, block[:-1].split(b"\n")))
        await account.reserve(len(texts))
        answers = await reader.paid(texts, wanted)
        yield await alone(partial(answered, asked, answers))


async def slices_of(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a body, some at a time, each with a line end.

    One that is too long, and of which the end has not come, comes cut, and is still too long.
    """
    carried = b""
    async for block in blocks:
        whole, line_end, rest = block.rpartition(b"\n")
        if not line_end:
            carried = (carried + rest)[: MAX_LINE + 1]
            continue
        whole = carried + whole + line_end
        carried = rest[: MAX_LINE + 1]
        while whole:
            after = whole.split(b"\n", SLICE_LINES)[-1]
            yield whole[: len(whole) - len(after)]
            whole = after
    if carried:
        yield carried + b"\n"
