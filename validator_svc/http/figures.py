"""Figures of what goes over HTTP, for Prometheus; no label ever holds what a caller sent."""

import asyncio
import contextlib
import os
import time
from collections import Counter as Counts
from functools import lru_cache

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from validator_svc.batches.batch import Batch
from validator_svc.batches.spec import UNENDED
from validator_svc.batches.state import Batches
from validator_svc.http.workers import FIGURES_FOLDER
from validator_svc.lookup import metrics
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.lookup.routes import Routes
from validator_svc.lookup.store import STORE_ERRORS

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
LOOK_S = 2.0

REQUEST_S = Histogram(
    "validator_http_request_seconds",
    "How long requests take until their answer is sent, in seconds",
    ["method", "route", "status"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)

TASKS = Gauge(
    "validator_tasks", "Tasks of the event loop of this process, or of all", multiprocess_mode="livesum"
)

IN_FLIGHT = Gauge("validator_http_in_flight", "Requests being answered", multiprocess_mode="livesum")
RATED = Counter(
    "validator_key_rate", "Requests that the rates of keys let through, or turned away", ["outcome"]
)
PASSED, TURNED_AWAY = RATED.labels("passed"), RATED.labels("turned_away")

STREAM_BYTES = Counter("validator_stream_bytes", "Bytes of streams", ["direction"])
BATCHES = Gauge(
    "validator_batches", "Batches that have not ended", ["status"], multiprocess_mode="mostrecent"
)
ROWS_PENDING = Gauge(
    "validator_batch_rows_pending", "Rows of batches not answered yet", multiprocess_mode="mostrecent"
)
OLDEST_S = Gauge(
    "validator_batch_oldest_seconds",
    "How long ago the oldest batch that has not ended was accepted",
    multiprocess_mode="mostrecent",
)
# To look at more would take longer than figures may.
MOST_BATCHES = 1_000

# To look a child up by its labels takes as long as to count in it; there are some hundreds at most.
of_request = lru_cache(maxsize=None)(REQUEST_S.labels)


def note_request(method: str, route: str, status: int, took_s: float) -> None:
    """Count an answered request."""
    of_request(method, route, status).observe(took_s)


def note_rates(passed: int, turned_away: int) -> None:
    """Count requests of keys that have a rate."""
    PASSED.inc(passed)
    TURNED_AWAY.inc(turned_away)


def note_stream(received: int, sent: int) -> None:
    """Count the bytes of a stream."""
    STREAM_BYTES.labels("received").inc(received)
    STREAM_BYTES.labels("sent").inc(sent)


async def told(batches: Batches, routes: Routes | None) -> bytes:
    """All figures, of all processes that share a port, in the Prometheus text format."""
    TASKS.set(len(asyncio.all_tasks()))
    # Without the store the other figures are told all the same.
    with contextlib.suppress(*STORE_ERRORS, TimeoutError):
        async with asyncio.timeout(LOOK_S):
            await look_at_batches(batches)
    for route in routes.all if routes else ():
        for state in BreakerState:
            metrics.BREAKER.labels(route.upstream.name, state.value).set(route.breaker.state is state)
    registry = prometheus_client.REGISTRY
    if FIGURES_FOLDER in os.environ:
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return prometheus_client.generate_latest(registry)


async def look_at_batches(batches: Batches) -> None:
    """Set the figures of batches; they are those of all processes. Raises redis.exceptions.RedisError."""
    ids = (await batches.active())[:MOST_BATCHES]
    # One that has just ended may still be listed.
    found = [
        batch
        for batch in await batches.load_many(ids)
        if isinstance(batch, Batch) and batch.status in UNENDED
    ]
    statuses = Counts(batch.status for batch in found)
    for status in UNENDED:
        BATCHES.labels(status.value).set(statuses[status])
    ROWS_PENDING.set(sum(batch.pending for batch in found))
    oldest_ms = min((batch.plan.created_ms for batch in found), default=None)
    OLDEST_S.set(0 if oldest_ms is None else max(0.0, time.time() - oldest_ms / 1_000))
