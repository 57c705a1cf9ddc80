"""Figures of what goes over HTTP, for Prometheus; no label ever holds what a caller sent."""

from functools import lru_cache

from prometheus_client import Gauge, Histogram

REQUEST_S = Histogram(
    "validator_http_request_seconds",
    "How long requests take until their answer is sent, in seconds",
    ["method", "route", "status"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)

TASKS = Gauge(
    "validator_tasks", "Tasks of the event loop of this process, or of all", multiprocess_mode="livesum"
)

# To look a child up by its labels takes as long as to count in it; there are some hundreds at most.
of_request = lru_cache(maxsize=None)(REQUEST_S.labels)


def note_request(method: str, route: str, status: int, took_s: float) -> None:
    """Count an answered request."""
    of_request(method, route, status).observe(took_s)
