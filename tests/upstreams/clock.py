"""A clock that nobody waits for: when all sleep, its time is at once that of the next waking."""

import asyncio
import heapq
import itertools
import random
from collections.abc import Coroutine
from typing import TypeVar

Result = TypeVar("Result")

# What one waking sets in motion has come to rest after so many turns of the loop.
TURNS = 20


class Clock:
    """Seconds, from 1,000 on. `held_s`: for up to so long the event loop is held again and again."""

    def __init__(self, held_s: float = 0.0, seed: int = 1) -> None:
        self.now_s = 1_000.0
        self.held_s = held_s
        self._random = random.Random(seed)
        self._order = itertools.count()
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, for_s: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.now_s + for_s, next(self._order), waking))
        await waking

    async def run(self, work: Coroutine[None, None, Result]) -> Result:
        """Let time pass until the work is done."""
        task = asyncio.create_task(work)
        while True:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if task.done():
                return task.result()
            self._pass_on()

    def _pass_on(self) -> None:
        """On to the next waking, or beyond it: then all wake together whose time has come meanwhile."""
        assert self._sleeping, "nobody would ever wake"
        self.now_s = max(self.now_s, self._sleeping[0][0])
        if self._random.random() < 0.2:
            self.now_s += self._random.uniform(0, self.held_s)
        while self._sleeping and self._sleeping[0][0] <= self.now_s:
            _, _, waking = heapq.heappop(self._sleeping)
            if not waking.done():
                waking.set_result(None)
