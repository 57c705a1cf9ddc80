"""What a batch used, noted at its end: once, though the end may be told several times."""

from validator_svc.access.usage import Figures, Use
from validator_svc.access.usage_store import UsageStore
from validator_svc.batches.batch import Batch
from validator_svc.batches.budget import Budget, observed_nano
from validator_svc.moments import now_ms


class EndedUsage:
    """Notes the usage of batches."""

    def __init__(self, store: UsageStore, budget: Budget) -> None:
        self.store = store
        self.budget = budget

    async def note(self, batch: Batch) -> None:
        """Note what a batch used by now. Said again, as after a retry, it takes the place of what was noted.

        Raises redis.exceptions.RedisError.
        """
        order, counts = batch.plan.order, batch.counts
        cached = counts.get("cached", 0)
        price_nano = observed_nano(batch) or self.budget.price_nano(order.request_type)
        ended_ms = batch.finished_ms or now_ms()
        figures = Figures(
            numbers=counts.get("answered", 0),
            valid=counts.get("valid", 0),
            invalid=counts.get("invalid", 0),
            unknown=counts.get("unknown", 0),
            duplicates=counts.get("duplicates", 0),
            cached=cached,
            paid=counts.get("paid", 0),
            cost_nano=counts.get("cost_nano", 0),
            saved_nano=cached * price_nano,
            duration_ms=max(0, ended_ms - (batch.started_ms or batch.plan.created_ms)),
        )
        at_ms = batch.first_ended_ms or ended_ms
        use = Use(at_ms, order.owner, order.request_type, "batch", figures, batch.plan.batch_id)
        await self.store.add([use])
