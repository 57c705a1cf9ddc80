"""Taking a file in: the batch that answers it is found, or made."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from typing import BinaryIO

from validator_svc.batches.batch import Batch
from validator_svc.batches.ingest import TooManyRowsError
from validator_svc.batches.spec import UNENDED, Plan, Status
from validator_svc.batches.upload import UploadTooLargeError
from validator_svc.dropbox import keys
from validator_svc.dropbox.disk import NotAFileError, look_of, opened
from validator_svc.dropbox.errors import ChangedError, RejectedError
from validator_svc.dropbox.names import printable
from validator_svc.dropbox.options import Wanted
from validator_svc.dropbox.progress import Progress
from validator_svc.dropbox.records import FileRecord, content_of
from validator_svc.dropbox.shared import Shared
from validator_svc.dropbox.stability import Seen
from validator_svc.formats.errors import Option, UnreadableFileError, advised
from validator_svc.moments import now_ms

READ_BYTES = 1024 * 1024
AGAIN_S = 0.5


class FileIntake:
    """Takes one file in."""

    def __init__(self, shared: Shared, seen: Seen, progress: Progress) -> None:
        self.shared = shared
        self.seen = seen
        self.progress = progress
        self.digest = keys.digest_of(seen.name)

    async def record(self, wanted: Wanted) -> FileRecord:
        """The record of the file; its batch is accepted. The same one a second time, unless it changed.

        Raises RejectedError, ChangedError, OSError, StorageError, redis.exceptions.RedisError.
        """
        async with self.shared.places:
            file = await self.shared.disk.run(self._opened)
            try:
                sha256 = await self._sha256(file)
                content = content_of(sha256, wanted.order, wanted.hints)
                return await self._before(content) or await self._begun(file, wanted, content, sha256)
            finally:
                await self.shared.disk.run(file.close)

    def _opened(self) -> BinaryIO:
        try:
            return opened(self.shared.folder.inbox / self.seen.name)
        except NotAFileError as error:
            raise RejectedError(f"this is {error}; expected a file") from None
        except PermissionError:
            raise RejectedError("the service has no permission to read the file") from None

    async def _before(self, content: str) -> FileRecord | None:
        """What another process, or an attempt of ours, began; None when there is nothing to go on with."""
        record = await self.shared.records.of(self.digest)
        if record is None or record.answered:
            return None
        if record.content != content:
            await self.shared.withdraw(record)
            return None
        batch = await self.shared.batching.batches.load(record.batch_id)
        if batch is None:
            return None
        # Whoever accepted it may have been killed in the midst of that.
        await self.shared.batching.batches.enlist(batch.plan)
        return record

    async def _begun(self, file: BinaryIO, wanted: Wanted, content: str, sha256: str) -> FileRecord:
        """A new record. Of equal files dropped together one is taken in; the others wait for its batch."""
        claim = keys.claim(self.shared.folder.id, content[:32])
        while True:
            async with self.shared.claims.hold(claim) as is_ours:
                if is_ours:
                    known = "" if wanted.is_forced else await self._known(content)
                    if known:
                        record = FileRecord(known, content, sha256, True, now_ms())
                        await self.shared.records.keep(self.digest, record)
                        return record
                    async with self.shared.intakes.marked(content):
                        return await self._taken_in(file, wanted, content, sha256)
            await asyncio.sleep(AGAIN_S)

    async def _known(self, content: str) -> str:
        """The batch that answers this content for nothing; empty when there is none."""
        batch_id = await self.shared.records.batch_of(content)
        batch = await self.shared.batching.batches.load(batch_id) if batch_id else None
        return batch_id if batch is not None and is_reusable(batch) else ""

    async def _taken_in(self, file: BinaryIO, wanted: Wanted, content: str, sha256: str) -> FileRecord:
        begun_ms = now_ms()
        plan = await self._stored(file, wanted)
        if look_of(await self.shared.disk.run(lambda: os.fstat(file.fileno()))) != self.seen.look:
            await self.shared.batching.ingest.discard(plan.batch_id)
            raise ChangedError
        record = FileRecord(plan.batch_id, content, sha256, False, begun_ms)
        # Killed from here on, we leave a record of a batch that is not there, or one that is found.
        await self.shared.records.keep(self.digest, record)
        await self.shared.records.keep_content(content, plan.batch_id)
        await self.shared.batching.accept(plan)
        return record

    async def _stored(self, file: BinaryIO, wanted: Wanted) -> Plan:
        batching = self.shared.batching
        limits = batching.limits(wanted.order)
        await self.shared.disk.run(lambda: file.seek(0))
        pieces = self._pieces(file, "reading")
        try:
            plan, _ = await batching.ingest.file(pieces, wanted.hints, wanted.order, limits)
        except (UnreadableFileError, UploadTooLargeError, TooManyRowsError) as error:
            raise RejectedError(advised(error, self._in_toml)) from None
        return plan

    def _in_toml(self, option: Option) -> str:
        line = f'{option.name} = "{option.sample}"'
        files = f"{printable(self.seen.name)}.toml beside it, or in dropbox.toml for all files"
        return f"the line {line} says which, in {files}; then drop it again"

    async def _sha256(self, file: BinaryIO) -> str:
        digest = hashlib.sha256()
        async for piece in self._pieces(file, "opening"):
            await asyncio.to_thread(digest.update, piece)
        return digest.hexdigest()

    async def _pieces(self, file: BinaryIO, status: str) -> AsyncIterator[bytes]:
        size_bytes = 0 if self.seen.look is None else self.seen.look.size_bytes
        read_bytes = 0
        while piece := await self.shared.disk.run(lambda: file.read(READ_BYTES)):
            read_bytes += len(piece)
            self.progress.show({"status": status, "read_bytes": read_bytes, "size_bytes": size_bytes})
            yield piece


def is_reusable(batch: Batch) -> bool:
    """Whether a batch may answer the same content once more: a lookup that failed is to be tried again."""
    if batch.status is Status.SUCCESS:
        return not batch.counts.get("unknown")
    return batch.status in UNENDED
