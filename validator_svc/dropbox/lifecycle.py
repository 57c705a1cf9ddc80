"""A drop folder, watched for the life of a process."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import structlog

from validator_svc.batches.batching import Batching
from validator_svc.dropbox.claims import FileClaims
from validator_svc.dropbox.disk import Disk
from validator_svc.dropbox.folder import open_folder
from validator_svc.dropbox.intakes import Intakes
from validator_svc.dropbox.records import Records
from validator_svc.dropbox.shared import Shared
from validator_svc.dropbox.watcher import Watcher
from validator_svc.lookup.cancel import end

log = structlog.get_logger()

READ_AT_ONCE = 4


@asynccontextmanager
async def watching(root: Path, settle_s: float, batching: Batching) -> AsyncIterator[None]:
    """Watch a drop folder, in the main thread, for as long as the block.

    A file is taken when it has not changed for `settle_s`. Raises OSError when the folder cannot be used.
    """
    # See `disk.is_being_written`.
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    with Disk() as disk:
        folder = await disk.run(partial(open_folder, root))
        batches = batching.batches
        shared = Shared(
            folder,
            disk,
            batching,
            Records(batches.redis, folder.id, batches.retention_ms),
            FileClaims(batches.redis),
            Intakes(batches.redis, folder.id, batches.retention_ms, batching.tries, READ_AT_ONCE),
            asyncio.Semaphore(READ_AT_ONCE),
        )
        task = asyncio.create_task(Watcher(shared, settle_s).run())
        log.info("watching", folder=str(folder.root))
        try:
            yield
        finally:
            await end([task])
