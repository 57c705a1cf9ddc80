"""A file job: one file of the inbox, from when it is claimed until it has left."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog

from validator_svc.batches.batch import Batch
from validator_svc.batches.segments import MissingObjectError, StorageError
from validator_svc.batches.spec import UNENDED, Status
from validator_svc.batches.stored_results import BatchGoneError
from validator_svc.batches.views import shown
from validator_svc.dropbox import keys
from validator_svc.dropbox.archive import Archive
from validator_svc.dropbox.batch_answers import remove_other_results, write_answer
from validator_svc.dropbox.disk import look_at
from validator_svc.dropbox.errors import (
    ChangedError,
    LostClaimError,
    RejectedError,
    StaleError,
    WithdrawnError,
)
from validator_svc.dropbox.file_intake import FileIntake
from validator_svc.dropbox.names import PROGRESS, printable, short_name
from validator_svc.dropbox.options import OptionsError, Wanted, wanted_of
from validator_svc.dropbox.outbox import Outgoing, remove_partials
from validator_svc.dropbox.progress import Progress
from validator_svc.dropbox.records import FileRecord
from validator_svc.dropbox.shared import Shared
from validator_svc.dropbox.stability import Seen
from validator_svc.formats.errors import UnwritableError
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.moments import now_ms

log = structlog.get_logger()

# What passes: a store that is away, a disk that is full.
PASSING = (*STORE_ERRORS, OSError, StoreAwayError, StorageError)
AGAIN_S = 3.0
LOOK_START_S, LOOK_S = 0.1, 1.0
# A file that is being replaced may be missing for a moment.
GONE_S = 2.0
KEEP_S = 60.0

Result = TypeVar("Result")


class FileJob:
    """Sees one file through, which must be claimed. All that it does may be done a second time."""

    def __init__(self, shared: Shared, seen: Seen) -> None:
        self.shared = shared
        self.seen = seen
        self.digest = keys.digest_of(seen.name)
        self.input = shared.folder.inbox / seen.name
        self.log = log.bind(file=printable(seen.name))
        path = shared.folder.outbox / (short_name(seen.name) + PROGRESS)
        self.progress = Progress(shared.disk, path, self.digest, printable(seen.name))
        self.leaving = Archive(shared, seen)
        self._is_watched = True

    async def run(self) -> None:
        """Work the file, answer it, and move it away.

        Waits for what passes by itself, for as long as it takes; a file that changes is left for later.
        """
        try:
            record = await self._patiently(lambda: self.shared.records.of(self.digest))
            if record is None or not record.is_answered(self.seen):
                record = await self._settled()
            self._is_watched = False
            await self._patiently(self._check_claim)
            if record is not None:
                await self._patiently(partial(self.shared.records.keep, self.digest, record))
            await self._patiently(self.progress.remove)
            if record is not None:
                await self._patiently(partial(self.leaving.move, record.target))
            await self._patiently(lambda: self.shared.records.forget(self.digest))
        except (ChangedError, WithdrawnError):
            self.log.info("file_changed")
        except LostClaimError:
            self.log.warning("file_lost")

    async def _settled(self) -> FileRecord | None:
        """The record of the file with its answer written, or the reason why it has none; None: neither."""
        await self._patiently(self._remove_partials)
        async with self.progress.shown():
            try:
                record = await self._answered()
            except WithdrawnError:
                return await self._withdrawn()
            except RejectedError as error:
                return await self._rejected(str(error))
            except (ChangedError, LostClaimError):
                raise
            except Exception:
                self.log.exception("file_job_broke")
                return await self._rejected("an internal error; the log of the service has details")
        self._is_watched = False
        target = await self._patiently(self.leaving.free_in_done)
        return record._replace(answered=self.leaving.look, target=target)

    async def _answered(self) -> FileRecord:
        """Work the file and write its answer."""
        if self.seen.look is None:
            raise WithdrawnError
        wanted = await self._patiently(self._wanted)
        taking = FileIntake(self.shared, self.seen, self.progress)
        while True:
            record = await self._patiently(partial(taking.record, wanted))
            self.log.info("file_taken", batch=record.batch_id, is_reuse=record.is_reuse)
            try:
                batch = await self._patiently(partial(self._ended, record))
                await self._patiently(partial(self._write, wanted, record, batch))
            except StaleError:
                await self._patiently(lambda: self.shared.records.forget(self.digest))
                continue
            self.log.info("file_answered", batch=record.batch_id, rows=batch.plan.rows)
            return record

    async def _wanted(self) -> Wanted:
        try:
            return await self.shared.disk.run(lambda: wanted_of(self.shared.folder, self.seen))
        except OptionsError as error:
            raise RejectedError(str(error)) from None

    async def _ended(self, record: FileRecord) -> Batch:
        """The batch once it has ended well."""
        pause_s, kept_s = LOOK_START_S, time.monotonic()
        while True:
            batch = await self.shared.batching.batches.load(record.batch_id)
            if batch is None or batch.status not in UNENDED:
                break
            self.progress.show(shown(batch, self.shared.batching.budget))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, LOOK_S)
            if pause_s == LOOK_S:
                await self._check_input()
            if time.monotonic() - kept_s > KEEP_S:
                kept_s = time.monotonic()
                await self.shared.records.keep(self.digest, record)
        if batch is not None and batch.status is Status.SUCCESS:
            return batch
        if record.is_reuse:
            raise StaleError
        if batch is None:
            raise RejectedError("its batch was deleted before the results were written")
        answered = f"{batch.plan.rows - batch.pending} of {batch.plan.rows} rows were answered"
        raise RejectedError(f"its batch {batch.plan.batch_id} was {batch.status} ({batch.why or answered})")

    async def _write(self, wanted: Wanted, record: FileRecord, batch: Batch) -> None:
        await self._check_claim()
        name, folder = self.seen.name, self.shared.folder
        async with Outgoing(self.shared.disk, self.digest) as outgoing:
            try:
                await write_answer(outgoing, self.shared, name, wanted, record, batch)
            except (BatchGoneError, MissingObjectError):
                if record.is_reuse:
                    raise StaleError from None
                raise RejectedError("stored results of its batch are missing") from None
            except UnwritableError as error:
                raise RejectedError(str(error)) from None
            await self._check_claim()
            await self.progress.remove()
            await self.shared.disk.run(partial(remove_other_results, folder, name, wanted, batch))
            await outgoing.appear()

    async def _explain(self, why: str) -> str:
        """Write why the file cannot be answered; returns where it is to be moved below the drop folder."""
        async with Outgoing(self.shared.disk, self.digest) as outgoing:
            target = await self.leaving.explain(outgoing, why)
            await self.progress.remove()
            await outgoing.appear()
        return target

    async def _check_claim(self) -> None:
        """Make sure that nobody else works the file, who may have done so while this process stood still."""
        await self.shared.claims.check(keys.claim(self.shared.folder.id, self.digest))

    async def _rejected(self, why: str) -> FileRecord:
        self._is_watched = False
        await self._patiently(self._check_claim)
        self.log.warning("file_rejected", why=why)
        before = await self._patiently(lambda: self.shared.records.of(self.digest))
        target = await self._patiently(partial(self._explain, why))
        record = before or FileRecord("", "", "", False, now_ms())
        return record._replace(answered=self.leaving.look, target=target)

    async def _withdrawn(self) -> FileRecord | None:
        """The file is gone: nothing more is paid for it."""
        self._is_watched = False
        await self._patiently(self._check_claim)
        record = await self._patiently(lambda: self.shared.records.of(self.digest))
        if self.seen.look is None and (record is None or record.answered):
            # Only a trace of it was left.
            return None
        if record is not None:
            await self._patiently(partial(self.shared.withdraw, record))
        return await self._rejected("the file was taken out of inbox before its answer was complete")

    async def _remove_partials(self) -> None:
        for folder in (self.shared.folder.outbox, self.shared.folder.failed):
            await self.shared.disk.run(partial(remove_partials, folder, self.digest))

    async def _patiently(self, step: Callable[[], Awaitable[Result]]) -> Result:
        """Do a step, again and again until what stands in its way has passed."""
        waits_for = ""
        while True:
            try:
                if waits_for:
                    await self._check_input()
                return await step()
            except PASSING as error:
                why = (error.strerror if isinstance(error, OSError) else None) or str(error)
                if why != waits_for:
                    self.log.warning("file_waits", why=why)
                waits_for = why
                self.progress.wait(f"{why}; goes on by itself")
            await asyncio.sleep(AGAIN_S)

    async def _check_input(self) -> None:
        """Raise WithdrawnError when the file is gone, ChangedError when it is not as it was."""
        if not self._is_watched:
            return
        if await self._look() is None:
            # Unless it is the whole folder that is gone.
            await self.shared.disk.run(self.shared.folder.check)
            await asyncio.sleep(GONE_S)
            if await self._look() is None:
                raise WithdrawnError
        if await self._look() != self.seen.look:
            raise ChangedError

    async def _look(self) -> object:
        return await self.shared.disk.run(lambda: look_at(self.input))
