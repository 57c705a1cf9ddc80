"""A batch as its owner sees it."""

from validator_svc.batches.batch import Batch
from validator_svc.batches.budget import Budget, observed_nano
from validator_svc.batches.counts import knows_lines
from validator_svc.batches.read_as import read_as
from validator_svc.batches.spec import UNENDED, Status
from validator_svc.formats.assumed import ASSUMED
from validator_svc.lookup.money import usd
from validator_svc.moments import now_ms, rfc3339

SUMMARIES = ("reason", "country", "type", "carrier")


def shown(batch: Batch, budget: Budget) -> dict[str, object]:
    """The fields of a batch, with `why` where there is something to say, and its summary."""
    plan, counts = batch.plan, batch.counts
    request_type = plan.order.request_type
    price = observed_nano(batch) or budget.price_nano(request_type)
    cached = counts.get("cached", 0)
    return {
        "request_uuid": plan.batch_id,
        "request_id": plan.batch_id,
        "name": plan.order.name,
        "type": request_type,
        "status": batch.status,
        "why": batch.why or None,
        "count": plan.rows,
        "pending": batch.pending,
        "valid": counts.get("valid", 0),
        "invalid": counts.get("invalid", 0),
        "unknown": counts.get("unknown", 0),
        "duplicates": counts.get("duplicates", 0),
        "cached": cached,
        "paid": counts.get("paid", 0),
        ASSUMED: counts.get(ASSUMED, 0),
        "cost": usd(counts.get("cost_nano", 0)),
        "saved": usd(cached * price),
        "max_cost": plan.order.max_cost,
        "read_as": read_as(plan.layout, plan.order),
        "created_at": rfc3339(plan.created_ms),
        "finished_at": rfc3339(batch.finished_ms),
        "eta_s": eta_s(batch),
        "risky": counts.get("risky", 0) if knows_lines(request_type) else None,
        "summary": {name: summary(batch, name) for name in SUMMARIES},
    }


def summary(batch: Batch, name: str) -> dict[str, int]:
    """How often each reason, or each country, came; the commonest first."""
    prefix = f"{name}:"
    found = {key.removeprefix(prefix): n for key, n in batch.counts.items() if key.startswith(prefix) and n}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def eta_s(batch: Batch) -> int | None:
    """Seconds until the batch should end, at its rate so far; None while nothing can be said."""
    if batch.status not in UNENDED:
        return 0 if batch.status is Status.SUCCESS else None
    answered = batch.plan.rows - batch.pending
    if batch.status is not Status.PROGRESS or batch.started_ms is None or not answered:
        return None
    return round(batch.pending * (now_ms() - batch.started_ms) / answered / 1_000)


def public_status(status: Status) -> str:
    """The status in the words of the public API, which has no queue."""
    return Status.PROGRESS if status is Status.QUEUED else status
