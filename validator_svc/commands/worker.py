"""`validator-svc worker` and `watch`: work batches, and watch a drop folder, over the service's own store."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
import uvloop

from validator_svc.commands.machine_code import notice
from validator_svc.commands.watch_view import WatchView, is_for_people, watch_view
from validator_svc.config import Settings
from validator_svc.gc_tuning import keep_heap_small, spare_what_is_loaded
from validator_svc.health import BEAT_S, shown
from validator_svc.http.figures_port import figures_told
from validator_svc.kernel.classify import Classifier
from validator_svc.logs import set_up_logging
from validator_svc.lookup.cancel import end
from validator_svc.numbering.risk import RiskList
from validator_svc.risk_file import load_risk_list
from validator_svc.service import service, store_url
from validator_svc.stopping import Stop
from validator_svc.store_watch import is_there, store_watched

log = structlog.get_logger()


def work(settings: Settings, stop: Stop, drop_dir: Path | None = None) -> None:
    """Work batches, and files dropped into a folder, until asked to stop.

    What is under way then ends, or is handed back.

    Raises ConfigError, `risk_file.RiskFileError`, `embedded.DataDirInUseError` or OSError.
    """
    risk_list = load_risk_list(settings.risk_file)
    with contextlib.ExitStack() as stack:
        view = None
        if drop_dir is not None and is_for_people(settings):
            view = stack.enter_context(watch_view(drop_dir))
        # Beside a view, which says what is refused, and what files wait for.
        set_up_logging(settings.log_format, "error" if view else settings.log_level)
        if stop.is_asked:
            return
        beat = stack.enter_context(shown(None))
        redis_url = stack.enter_context(store_url(settings, may_join=True))
        # Whoever is refused is told of that alone.
        if told := notice():
            log.warning("no_machine_code", what=told)
        uvloop.run(run(settings, redis_url, risk_list, drop_dir, stop, beat, view))


async def run(
    settings: Settings,
    redis_url: str,
    risk_list: RiskList,
    drop_dir: Path | None,
    stop: Stop,
    beat: Path | None,
    view: WatchView | None = None,
) -> None:
    """Work until asked to stop; the time of the file `beat` shows that the event loop comes round."""
    keep_heap_small()
    spare_what_is_loaded()
    classifier = Classifier(risk_list, settings.data_dir)
    if not await is_there(redis_url, stop):
        return
    async with service(settings, redis_url, classifier, drop_dir) as parts:
        workers = parts.batching.workers
        log.info("working", pid=os.getpid(), concurrency=workers.concurrency)
        shown_files = view.following() if view else contextlib.nullcontext()
        told = figures_told(settings, parts.batching.batches, parts.routes)
        async with told, store_watched(parts.store), beating(beat), shown_files:
            await stop.wait()
        log.info("stopping", under_way=len(workers.under_way))


@contextlib.asynccontextmanager
async def beating(file: Path | None) -> AsyncIterator[None]:
    """Renew the time of a file, again and again, for as long as the block."""

    async def beat() -> None:
        while file is not None:
            with contextlib.suppress(OSError):
                os.utime(file)
            await asyncio.sleep(BEAT_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        await end([task])
