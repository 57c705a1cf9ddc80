"""Reading ahead: the windows of a request are under way before their turn to be answered comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from validator_svc.kernel.classify import runs, unreadable
from validator_svc.lookup.cancel import end
from validator_svc.lookup.lookup_batch import LookupBatch, Wanted

# Numbers that are looked up together, and how many such windows of one request are under way.
WINDOW = 1_000
WINDOWS_AHEAD = 32
# More at the same time would only make the first wait for the last.
OPENING = 2

Text = str | None
"""A number as it was sent; None stands for a line that could not be read."""


async def one_block(texts: Sequence[Text]) -> AsyncIterator[Sequence[Text]]:
    """Numbers that are there as a whole, as the resolver takes them."""
    yield texts


class ReadAhead:
    """Turns blocks into windows that are under way before their turn to be answered comes."""

    def __init__(
        self,
        make_window: Callable[[Wanted], LookupBatch],
        blocks: AsyncIterator[Sequence[Text]],
        wanted: Wanted,
    ) -> None:
        self.make_window = make_window
        self.wanted = wanted
        self.under_way: asyncio.Queue[LookupBatch | bytes | None] = asyncio.Queue()
        self.current: LookupBatch | bytes | None = None
        self.room = asyncio.Semaphore(WINDOWS_AHEAD)
        self.opening = asyncio.Semaphore(OPENING)
        self.reader = asyncio.create_task(self._read(blocks))

    async def next(self) -> LookupBatch | bytes | None:
        """The next window, or lines that need none; None at the end. Closes the window before."""
        await self._close_current()
        self.current = await self.under_way.get()
        if self.current is None:
            await self.reader
        return self.current

    async def close(self) -> None:
        """Give up whatever is under way."""
        await end([self.reader])
        await self._close_current()
        while not self.under_way.empty():
            self.current = self.under_way.get_nowait()
            await self._close_current()

    async def _close_current(self) -> None:
        if isinstance(self.current, LookupBatch):
            await self.current.close()
        if self.current is not None:
            self.current = None
            self.room.release()

    async def _read(self, blocks: AsyncIterator[Sequence[Text]]) -> None:
        try:
            async for texts in blocks:
                for readable, run in runs(texts):
                    for start in range(0, len(run), WINDOW):
                        await self.room.acquire()
                        self._put(readable, run[start : start + WINDOW])
        finally:
            self.under_way.put_nowait(None)

    def _put(self, readable: bool, part: list[str]) -> None:
        if not readable:
            self.under_way.put_nowait(unreadable(len(part), self.wanted.request_type, self.wanted.both_names))
            return
        window = self.make_window(self.wanted)
        window.start(part, self.opening)
        self.under_way.put_nowait(window)
