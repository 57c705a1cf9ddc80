"""What numbers would cost, before anything is paid."""

from collections.abc import Iterator
from decimal import Decimal

from validator_svc.batches.segments import Rows
from validator_svc.batches.state import Batch
from validator_svc.batches.tally import nano
from validator_svc.lookup.cache import Cache
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.facts import RequestType


class Budget:
    """Knows the price of a lookup, and which numbers need one. `prices` are USD a number."""

    def __init__(
        self, classifier: Classifier, cache: Cache | None, prices: dict[RequestType, Decimal]
    ) -> None:
        self.classifier = classifier
        self.cache = cache
        self.prices = prices

    def price_nano(self, request_type: RequestType) -> int:
        """The price of one lookup in billionths of a USD; 0 without an upstream."""
        return nano(str(self.prices.get(request_type, Decimal(0)))) if self.cache else 0

    async def allows(self, batch: Batch, rows: Rows) -> bool:
        """Whether looking up these rows keeps the batch within its `max_cost`."""
        order = batch.plan.order
        if order.max_cost is None or self.cache is None or order.request_type == "format":
            return True
        numbers = list(dict.fromkeys(self.valid(rows, order.region_code)))
        found = await self.cache.read(order.request_type, numbers, order.not_before_ms) if numbers else {}
        price = max(self.price_nano(order.request_type), observed_nano(batch))
        spent = batch.counts.get("cost_nano", 0)
        return spent + (len(numbers) - len(found)) * price <= nano(order.max_cost)

    def valid(self, rows: Rows, region_code: str | None) -> Iterator[str]:
        """The valid numbers, digits of E.164 without `+`, as often as they come."""
        regions = rows.regions or [region_code] * len(rows.texts)
        for text, region in zip(rows.texts, regions, strict=True):
            if text is None:
                continue
            (answer,) = self.classifier.answers([text], region)
            if answer.facts.reason is None:
                yield answer.e164[1:]


def observed_nano(batch: Batch) -> int:
    """What a lookup of this batch cost on average so far, in billionths of a USD."""
    paid = batch.counts.get("paid", 0)
    return -(-batch.counts.get("cost_nano", 0) // paid) if paid else 0
