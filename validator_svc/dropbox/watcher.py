"""The watcher: finds files that have stopped changing, claims them, and begins a `FileJob` for each."""

import asyncio
import contextlib
import stat
import time

import structlog
from watchfiles import awatch

from validator_svc.dropbox import keys
from validator_svc.dropbox.disk import is_being_written
from validator_svc.dropbox.file_job import FileJob
from validator_svc.dropbox.folder import misplaced
from validator_svc.dropbox.names import PROGRESS, printable, short_name
from validator_svc.dropbox.shared import Shared
from validator_svc.dropbox.stability import Seen, Sightings, is_as_seen, scan
from validator_svc.lookup.cancel import end
from validator_svc.lookup.store import STORE_ERRORS

log = structlog.get_logger()

# Network shares send no events.
RESCAN_S = 60.0
# How soon to look again at files that are still being written, or that another process works on.
LOOK_S = 0.5
AGAIN_S = 2.0
# Files worked at the same time; what waits beyond that is free for other processes.
MOST = 64
# Events that come together count as one.
TOGETHER_MS = 200


class Watcher:
    """Watches one folder until it is cancelled."""

    def __init__(self, shared: Shared, settle_s: float) -> None:
        self.shared = shared
        self._sightings = Sightings(settle_s)
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._not_before_s: dict[str, float] = {}
        self._swept_s = float("-inf")
        self._wake = asyncio.Event()
        self._misplaced: set[str] = set()
        self._deaf_by = ""
        self._is_away = False

    async def run(self) -> None:
        """Watch; what goes wrong is tried again."""
        helpers = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self.shared.claims.renew_for_ever()),
        ]
        try:
            while True:
                pause_s = await self._turn_safely()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause_s)
        finally:
            await end([*helpers, *self._jobs.values()])

    async def _turn_safely(self) -> float:
        self._wake.clear()
        try:
            pause_s = await self._turn()
            self._is_away = False
            return pause_s
        except OSError as error:
            if not self._is_away:
                log.warning("drop_folder_away", why=error.strerror or str(error))
            self._is_away = True
        except Exception:
            log.exception("watcher_broke")
        return AGAIN_S

    async def _turn(self) -> float:
        """Look at the inbox once; returns after how many seconds to look again."""
        disk, folder = self.shared.disk, self.shared.folder
        await disk.run(folder.check)
        present = await disk.run(lambda: scan(folder))
        now_s = time.monotonic()
        for seen in await disk.run(lambda: self._sightings.settled(present, now_s)):
            if len(self._jobs) < MOST and self._is_free(seen, now_s):
                await self._begin(seen)
        self._not_before_s = {name: at_s for name, at_s in self._not_before_s.items() if at_s > now_s}
        if now_s - self._swept_s >= RESCAN_S:
            self._swept_s = now_s
            await self._sweep(present)
            await self._tell_misplaced()
        waiting = any(seen.name not in self._jobs for seen in present)
        return LOOK_S if waiting and len(self._jobs) < MOST else RESCAN_S

    def _is_free(self, seen: Seen, now_s: float) -> bool:
        return seen.name not in self._jobs and self._not_before_s.get(seen.name, 0) <= now_s

    async def _begin(self, seen: Seen) -> None:
        path = self.shared.folder.inbox / seen.name
        is_file = seen.look is not None and stat.S_ISREG(seen.look.mode)
        if is_file and await self.shared.disk.run(lambda: is_being_written(path)):
            self._leave_for_now(seen)
            return
        self._start(seen)

    def _start(self, seen: Seen) -> None:
        task = asyncio.create_task(self._work(seen))
        self._jobs[seen.name] = task
        task.add_done_callback(lambda _: self._back(seen.name))

    def _back(self, name: str) -> None:
        del self._jobs[name]
        self._wake.set()

    def _leave_for_now(self, seen: Seen) -> None:
        self._not_before_s[seen.name] = time.monotonic() + AGAIN_S

    async def _work(self, seen: Seen) -> None:
        try:
            claim = keys.claim(self.shared.folder.id, keys.digest_of(seen.name))
            async with self.shared.claims.hold(claim) as is_ours:
                if not is_ours:
                    self._leave_for_now(seen)
                elif seen.look is None or await self._is_as_seen(seen):
                    await FileJob(self.shared, seen).run()
        except (*STORE_ERRORS, OSError) as error:
            log.warning("file_waits", file=printable(seen.name), why=str(error))
            self._leave_for_now(seen)
        except Exception:
            log.exception("file_job_broke", file=printable(seen.name))
            self._leave_for_now(seen)

    async def _is_as_seen(self, seen: Seen) -> bool:
        return await self.shared.disk.run(lambda: is_as_seen(self.shared.folder, seen))

    async def _sweep(self, present: list[Seen]) -> None:
        """See to files whose progress is told though they are gone: deleted while nobody watched."""
        outbox = self.shared.folder.outbox
        told = await self.shared.disk.run(lambda: [path.name for path in outbox.glob(f"*{PROGRESS}")])
        known = {short_name(seen.name) for seen in present}
        for name in {each.removesuffix(PROGRESS) for each in told} - known - self._jobs.keys():
            self._start(Seen(name, None, None, None))

    async def _tell_misplaced(self) -> None:
        """Say once of each file beside the inbox that nobody takes it there."""
        names = set(await self.shared.disk.run(lambda: misplaced(self.shared.folder.root)))
        for name in sorted(names - self._misplaced):
            log.warning("file_not_in_inbox", file=printable(name), hint="move it into inbox")
        self._misplaced = names

    async def _listen(self) -> None:
        """Wake up when something happens in the inbox, as far as its file system tells."""
        while True:
            try:
                await self._listen_once()
            except Exception as error:
                # One is a name that is not UTF-8, of which watchfiles tells by breaking.
                if str(error) != self._deaf_by:
                    self._deaf_by = str(error)
                    log.warning("no_events_of_inbox", why=self._deaf_by)
                await asyncio.sleep(AGAIN_S)

    async def _listen_once(self) -> None:
        changes = awatch(
            self.shared.folder.inbox,
            watch_filter=None,
            recursive=False,
            debounce=TOGETHER_MS,
            rust_timeout=int(RESCAN_S * 1_000),
            yield_on_timeout=True,
        )
        # For what came while nobody listened.
        asyncio.get_running_loop().call_later(AGAIN_S, self._wake.set)
        async for change in changes:
            if not change:
                # A folder that was made anew meanwhile would never be heard of again.
                return
            self._wake.set()
