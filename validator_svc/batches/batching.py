"""The parts of batches put together, for the life of a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import obstore
from obstore.store import ObjectStore
from redis.asyncio import Redis

from validator_svc.access.usage_store import UsageStore
from validator_svc.batches.budget import Budget
from validator_svc.batches.ended_usage import EndedUsage
from validator_svc.batches.faults import Faults
from validator_svc.batches.ingest import Ingest, UploadLimits
from validator_svc.batches.owners_days import OwnersDays
from validator_svc.batches.queue import Queue, opened_dockets
from validator_svc.batches.reconciler import Reconciler
from validator_svc.batches.segment_work import SegmentWork
from validator_svc.batches.segments import Segments, reason
from validator_svc.batches.spec import Order, Plan
from validator_svc.batches.state import Batches
from validator_svc.batches.storage import open_storage
from validator_svc.batches.stored_results import Results
from validator_svc.batches.webhook import Webhook
from validator_svc.batches.workers import Workers
from validator_svc.config import ConfigError, Settings
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.screening.screening import Screening


class BatchSettings(NamedTuple):
    """How batches are to be handled; see the settings of the same names."""

    storage: ObjectStore
    free_limits: UploadLimits
    paid_limits: UploadLimits
    retention_s: int
    concurrency: int
    tries: int
    grace_s: float
    webhook: Webhook | None
    moment_ttl_s: int
    usage_days: int


class Batching(NamedTuple):
    """What handles batches."""

    batches: Batches
    segments: Segments
    ingest: Ingest
    queue: Queue
    results: Results
    budget: Budget
    free_limits: UploadLimits
    paid_limits: UploadLimits
    workers: Workers
    tries: int

    def limits(self, order: Order) -> UploadLimits:
        """What a list may be, and how it is cut.

        Requests to be screened are read one by one in Python. Many of them in a segment would keep the event
        loop waiting, by themselves and for as long as Python looks for cycles among what they are made of.
        """
        return self.paid_limits if self.budget.is_paid(order) or order.system else self.free_limits

    async def accept(self, plan: Plan) -> None:
        """Take on a list that is stored, and put its first segments into the queue.

        Raises redis.exceptions.RedisError; the reconciler sees to it if only the queue was not reached.
        """
        await self.batches.accept(plan)
        batch = await self.batches.load(plan.batch_id)
        if batch is not None:
            await self.queue.schedule(batch)


def batch_settings(settings: Settings, works: bool = True) -> BatchSettings:
    """The part of the settings that is about batches. Raises ConfigError for storage that cannot be used."""

    def limits(segment_rows: int) -> UploadLimits:
        return UploadLimits(settings.upload_max, settings.batch_max, segment_rows, settings.columns_max)

    secret = settings.webhook_secret
    try:
        storage = open_storage(settings.storage_url, settings.data_dir)
    except (obstore.exceptions.BaseError, ValueError, OSError) as error:
        raise ConfigError(f"VALIDATOR_STORAGE_URL: {reason(error)}") from None
    return BatchSettings(
        storage=storage,
        free_limits=limits(settings.segment_rows),
        paid_limits=limits(settings.segment_rows_upstream),
        retention_s=settings.batch_retention,
        concurrency=settings.batch_concurrency if works else 0,
        tries=settings.batch_tries,
        grace_s=settings.shutdown_grace,
        moment_ttl_s=settings.cache_ttl_reachable,
        webhook=Webhook(secret.get_secret_value().encode(), settings.webhook_private) if secret else None,
        usage_days=settings.usage_days,
    )


@asynccontextmanager
async def batching(
    settings: BatchSettings,
    redis_url: str,
    redis: Redis,
    resolver: Resolver,
    routes: Routes | None,
    screening: Screening,
) -> AsyncIterator[Batching]:
    """Handle batches, and work them unless `concurrency` is 0, for as long as the block."""
    batches = Batches(redis, settings.retention_s * 1_000)
    segments = Segments(settings.storage, settings.moment_ttl_s)
    budget = Budget(resolver.classifier, resolver.cache, resolver.prices)
    batches.on_end = EndedUsage(UsageStore(redis, settings.usage_days), budget).note
    faults = Faults(redis, settings.tries)
    async with opened_dockets(redis_url) as dockets:
        queue = Queue(dockets, batches)
        workers = Workers(
            SegmentWork(
                batches, segments, resolver, routes, budget, faults, OwnersDays(redis, budget), screening
            ),
            queue,
            Reconciler(batches, segments, queue, settings.webhook),
            settings.concurrency,
        )
        if settings.concurrency:
            workers.start()
        try:
            yield Batching(
                batches,
                segments,
                Ingest(batches, segments),
                queue,
                Results(batches, segments),
                budget,
                settings.free_limits,
                settings.paid_limits,
                workers,
                settings.tries,
            )
        finally:
            await workers.stop(settings.grace_s)
