"""`validator-svc worker` and `watch`: work batches, and watch a drop folder, over the service's own store."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
import uvloop

from validator_svc.batches.batching import batch_settings, batching
from validator_svc.config import Settings
from validator_svc.dropbox.lifecycle import watching
from validator_svc.embedded import embedded_or_running_valkey
from validator_svc.gc_tuning import spare_what_is_loaded
from validator_svc.health import BEAT_S, shown
from validator_svc.kernel.classify import Classifier
from validator_svc.logs import set_up_logging
from validator_svc.lookup.cancel import end
from validator_svc.lookup.engine import lookup_engine, upstream_settings
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.risk import RiskList
from validator_svc.risk_file import load_risk_list
from validator_svc.stopping import Stop
from validator_svc.store_watch import store_watched

log = structlog.get_logger()


def work(settings: Settings, stop: Stop, drop_dir: Path | None = None) -> None:
    """Work batches, and files dropped into a folder, until asked to stop.

    What is under way then ends, or is handed back.

    Raises ConfigError, `risk_file.RiskFileError`, `embedded.DataDirInUseError` or OSError.
    """
    set_up_logging(settings.log_format, settings.log_level)
    risk_list = load_risk_list(settings.risk_file)
    with contextlib.ExitStack() as stack:
        if stop.is_asked:
            return
        beat = stack.enter_context(shown(None))
        redis_url = settings.redis_url or stack.enter_context(embedded_or_running_valkey(settings.data_dir))
        uvloop.run(run(settings, redis_url, risk_list, drop_dir, stop, beat))


async def run(
    settings: Settings,
    redis_url: str,
    risk_list: RiskList,
    drop_dir: Path | None,
    stop: Stop,
    beat: Path | None,
) -> None:
    """Work until asked to stop; the time of the file `beat` shows that the event loop comes round."""
    spare_what_is_loaded()
    classifier = Classifier(risk_list, settings.data_dir)
    async with contextlib.AsyncExitStack() as stack:
        store = connect(redis_url)
        stack.push_async_callback(store.aclose)
        resolver, breaker = Resolver(classifier), None
        if settings.wavix_appid is not None:
            engine = await stack.enter_async_context(lookup_engine(upstream_settings(settings), store))
            resolver, breaker = Resolver(classifier, engine.cache, engine.lookups), engine.breaker
        handled = batching(batch_settings(settings), redis_url, store, resolver, breaker)
        batching_ = await stack.enter_async_context(handled)
        workers = batching_.workers
        if drop_dir is not None:
            await stack.enter_async_context(watching(drop_dir, settings.drop_settle, batching_))
        log.info("working", pid=os.getpid(), concurrency=workers.concurrency)
        async with store_watched(store), beating(beat):
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
