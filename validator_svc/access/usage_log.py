"""Records of usage on their way to Redis: gathered in the process, written every second."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from redis.exceptions import RedisError

from validator_svc.access.usage import MINUTE_MS, Figures, UsageKind, Use
from validator_svc.access.usage_store import ALONE, UsageStore
from validator_svc.moments import now_ms
from validator_svc.numbering.facts import RequestType

log = structlog.get_logger()

EVERY_S = 1.0
# What a flush at the end, or before usage is told, may take.
FLUSH_S = 2.0
# Minutes, of an owner, type and kind each, that are held while the store is away; what is more is lost.
MOST_MINUTES = 10_000
# Records that are put into their minutes together.
AT_ONCE = 128

Minute = tuple[str, RequestType, UsageKind, int]


class UsageLog:
    """Takes records of usage, and writes them a second later; one for a process.

    To count a request: `request.app[context.USAGE].record(request[CALLER].owner, "analysis", "screen",
    Figures(numbers=1, valid=1))`. Nothing is awaited, and nothing is raised.
    """

    def __init__(self, store: UsageStore) -> None:
        self.store = store
        self._recorded: list[tuple[str, RequestType, UsageKind, int, Figures]] = []
        self._minutes: dict[Minute, list[tuple[int, Figures]]] = {}
        self._flushing = asyncio.Lock()

    def record(self, owner: str, request_type: RequestType, kind: UsageKind, figures: Figures) -> None:
        """Count what a request used that is answered now. `owner`: the id of its key, empty without one.

        Money is in billionths of a USD, see `Figures`.
        """
        self._recorded.append((owner, request_type, kind, now_ms(), figures))
        if len(self._recorded) == AT_ONCE:
            self._sort()

    def _sort(self) -> None:
        """Put what was recorded into its minutes: for many at once that takes half the time."""
        recorded, self._recorded = self._recorded, []
        for each in recorded:
            self._put(*each)

    def _put(
        self, owner: str, request_type: RequestType, kind: UsageKind, at_ms: int, figures: Figures
    ) -> None:
        minute = (owner, request_type, kind, at_ms // MINUTE_MS)
        uses = self._minutes.get(minute)
        if uses is None:
            if len(self._minutes) < MOST_MINUTES:
                self._minutes[minute] = [(at_ms, figures)]
        elif len(uses) < ALONE:
            # No two at the same moment: they would be one record.
            uses.append((max(at_ms, uses[-1][0] + 1), figures))
        else:
            first_ms, others = uses[-1]
            uses[-1] = (first_ms, others.plus(figures))

    async def flush(self) -> None:
        """Write what was recorded by now. While the store is away it is kept for the next time.

        A record may be counted twice where the store's answer to its writing got lost.
        """
        async with self._flushing:
            self._sort()
            minutes, self._minutes = self._minutes, {}
            if not minutes:
                return
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self.store.add(
                        Use(at_ms, owner, request_type, kind, figures)
                        for (owner, request_type, kind, _), uses in minutes.items()
                        for at_ms, figures in uses
                    )
            except (RedisError, TimeoutError):
                # Said by `store_watch`, once for all that wait for the store.
                for minute, uses in minutes.items():
                    self._minutes[minute] = uses + self._minutes.get(minute, [])

    async def run(self, ending: asyncio.Event) -> None:
        """Flush every second until it is `ending`.

        It is not cancelled: a cancellation can get lost where a library turns it into a time-out of its own.
        """
        while not ending.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await ending.wait()
            try:
                await self.flush()
            except Exception:
                log.exception("usage_not_written")


@contextlib.asynccontextmanager
async def usage_log(store: UsageStore) -> AsyncIterator[UsageLog]:
    """The log for as long as the block; what it holds at its end is written."""
    usage, ending = UsageLog(store), asyncio.Event()
    task = asyncio.create_task(usage.run(ending))
    try:
        yield usage
    finally:
        ending.set()
        await task
        await usage.flush()
