"""All routes of the service, each with the names that it takes; whatever else is given is refused."""

from validator_svc.access.key_fields import NAMES as KEY_FIELDS
from validator_svc.http.route import Route
from validator_svc.http.routes import (
    api_keys,
    batches,
    estimate,
    events,
    results,
    status,
    stream,
    validation,
    validation_jobs,
)

NUMBERS = ("type", "country", "force", "max_age")
FILE = (*NUMBERS, "column", "header", "encoding", "sheet", "name", "max_cost", "webhook_url")
BATCH = "/v1/batches/{batch_id}"
KEY = "/v1/keys/{key_id}"

ROUTES = (
    Route("GET", "/", status.index),
    Route("GET", "/healthz", status.healthz, needs="nothing"),
    Route("GET", "/readyz", status.readyz, needs="nothing"),
    Route("GET", "/metrics", status.figures, needs="admin key"),
    Route("GET", "/v1/validation", validation.validate_one, ("phone_number", *NUMBERS)),
    Route("POST", "/v1/validation", validation.validate_list, keys=("phone_numbers", "async", *NUMBERS)),
    Route("GET", "/v1/validation/{batch_id}", validation_jobs.poll, ("offset", "limit")),
    Route("DELETE", "/v1/validation/{batch_id}", validation_jobs.delete),
    Route("POST", "/v1/stream", stream.stream, (*NUMBERS, "column"), takes_file=True),
    Route("POST", "/v1/batches", batches.create, FILE, takes_file=True),
    Route("POST", "/v1/estimate", estimate.estimate, FILE, takes_file=True),
    Route("GET", "/v1/batches", batches.listing, ("page", "per_page")),
    Route("GET", BATCH, batches.show),
    Route("DELETE", BATCH, batches.delete),
    Route("GET", f"{BATCH}/events", events.events),
    Route("GET", f"{BATCH}/results", results.results, ("format", "dialect", "only", "offset")),
    Route("POST", f"{BATCH}/cancel", batches.cancel),
    Route("POST", f"{BATCH}/resume", batches.resume, ("max_cost",)),
    Route("POST", f"{BATCH}/retry", batches.retry),
    Route("POST", "/v1/keys", api_keys.create, keys=KEY_FIELDS, needs="admin key always"),
    Route("GET", "/v1/keys", api_keys.listing, ("page", "per_page"), needs="admin key always"),
    Route("GET", KEY, api_keys.show, needs="admin key always"),
    Route("PATCH", KEY, api_keys.change, keys=KEY_FIELDS, needs="admin key always"),
    Route("DELETE", KEY, api_keys.delete, needs="admin key always"),
)
