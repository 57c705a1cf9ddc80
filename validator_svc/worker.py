"""`validator-svc worker` and `watch`: work batches, and watch a drop folder, over the service's own store."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import structlog
import uvloop

from validator_svc.batches.batching import batch_settings, batching
from validator_svc.collecting import spare_what_is_loaded
from validator_svc.config import Settings
from validator_svc.drop.watching import watching
from validator_svc.embedded import embedded_or_running_valkey
from validator_svc.http.serve import set_up_logging
from validator_svc.lookup.connecting import connect
from validator_svc.lookup.engine import lookup_engine, upstream_settings
from validator_svc.lookup.resolver import Resolver
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.risk import RiskList
from validator_svc.risk_file import load_risk_list

log = structlog.get_logger()


def work(settings: Settings, drop_dir: Path | None = None) -> None:
    """Work batches, and files dropped into a folder, until SIGTERM or SIGINT.

    What is under way then ends, or is handed back.

    Raises ConfigError, `risk_file.RiskFileError`, `embedded.DataDirInUseError` or OSError.
    """
    set_up_logging()
    risk_list = load_risk_list(settings.risk_file)
    with contextlib.ExitStack() as stack:
        redis_url = settings.redis_url or stack.enter_context(embedded_or_running_valkey(settings.data_dir))
        uvloop.run(run(settings, redis_url, risk_list, drop_dir))


async def run(settings: Settings, redis_url: str, risk_list: RiskList, drop_dir: Path | None) -> None:
    """Work until told to stop."""
    spare_what_is_loaded()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    classifier = Classifier(risk_list, settings.data_dir)
    async with contextlib.AsyncExitStack() as stack:
        store = connect(redis_url)
        stack.push_async_callback(store.aclose)
        stack.callback(classifier.keep_plan)
        resolver, gate = Resolver(classifier), None
        if settings.wavix_appid is not None:
            engine = await stack.enter_async_context(lookup_engine(upstream_settings(settings), store))
            resolver, gate = Resolver(classifier, engine.cache, engine.lookups), engine.gate
        handled = batching(batch_settings(settings), redis_url, store, resolver, gate)
        batching_ = await stack.enter_async_context(handled)
        workers = batching_.workers
        if drop_dir is not None:
            await stack.enter_async_context(watching(drop_dir, settings.drop_settle, batching_))
        log.info("working", pid=os.getpid(), concurrency=workers.concurrency)
        await stop.wait()
        log.info("stopping", under_way=len(workers.under_way))
