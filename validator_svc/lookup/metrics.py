"""Figures of the lookups for Prometheus; no label ever holds a number."""

import contextlib
import time
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram

LOOKUPS = Counter("validator_lookups", "Numbers answered", ["type", "source", "error_code"])
SPENT = Counter("validator_spent_usd", "What the upstream charged, in USD", ["supplier", "type"])
SAVED = Counter("validator_saved", "Numbers that needed no paid lookup", ["why"])
UNREADABLE = Counter(
    "validator_cache_unreadable", "Cached answers of another version or form, which are asked for anew"
)
REQUEST_S = Histogram(
    "validator_upstream_request_seconds",
    "How long requests to the upstream take, in seconds",
    ["kind", "outcome"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60),
)
IN_FLIGHT = Gauge(
    "validator_upstream_in_flight",
    "Requests to the upstream under way",
    ["kind"],
    multiprocess_mode="livesum",
)
QUEUED = Gauge(
    "validator_upstream_queued",
    "Numbers waiting for their request to the upstream",
    multiprocess_mode="livesum",
)
BREAKER = Gauge(
    "validator_upstream_state",
    "1 for the state that the upstream is in",
    ["supplier", "state"],
    multiprocess_mode="livemax",
)


@contextlib.contextmanager
def timed(kind: str) -> Iterator[None]:
    """Count and time a request to the upstream."""
    began_s = time.perf_counter()
    outcome = "failed"
    IN_FLIGHT.labels(kind).inc()
    try:
        yield
        outcome = "answered"
    finally:
        IN_FLIGHT.labels(kind).dec()
        REQUEST_S.labels(kind, outcome).observe(time.perf_counter() - began_s)
