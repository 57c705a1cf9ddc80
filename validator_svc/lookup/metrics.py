"""Figures of the lookups for Prometheus; no label ever holds a number."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

LOOKUPS = Counter("validator_lookups", "Numbers answered", ["type", "source", "error_code"])
NUMBERS = Counter(
    "validator_numbers", "Numbers answered by requests and batches", ["kind", "type", "outcome"]
)
ANSWERS = Counter(
    "validator_answers",
    "The same by where their answers came from: the plan, the cache, or paid upstream",
    ["kind", "type", "source"],
)
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


RATE = Gauge(
    "validator_upstream_rate",
    "Requests a second that the upstream may be sent by all replicas together",
    ["supplier"],
    multiprocess_mode="mostrecent",
)
TURNS = Counter("validator_upstream_turns", "Requests that the upstream's rate let through", ["supplier"])
TURNS_S = Counter(
    "validator_upstream_turns_seconds", "How long requests waited for the upstream's rate", ["supplier"]
)

# To look a child up by its labels takes longer than to count in it.
numbers_of, answers_of = lru_cache(maxsize=None)(NUMBERS.labels), lru_cache(maxsize=None)(ANSWERS.labels)


def note_numbers(kind: str, request_type: str, counts: Mapping[str, int]) -> None:
    """Count numbers that were answered: how many were `valid`, `invalid`, `unknown`, `cached`, `paid`."""
    from_plan = 0
    for outcome in ("valid", "invalid", "unknown"):
        if count := counts.get(outcome, 0):
            from_plan += count
            numbers_of(kind, request_type, outcome).inc(count)
    for source, name in (("cache", "cached"), ("upstream", "paid")):
        if count := counts.get(name, 0):
            from_plan -= count
            answers_of(kind, request_type, source).inc(count)
    if from_plan > 0:
        answers_of(kind, request_type, "plan").inc(from_plan)


def note_turn(supplier: str, waited_s: float) -> None:
    """Count a request that the upstream's rate lets through."""
    TURNS.labels(supplier).inc()
    TURNS_S.labels(supplier).inc(waited_s)


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
