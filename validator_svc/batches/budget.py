"""What numbers would cost, before anything is paid."""

import asyncio
from array import array
from collections.abc import Mapping
from decimal import Decimal

from validator_svc.batches.batch import Batch
from validator_svc.batches.segments import SegmentRows
from validator_svc.batches.spec import Order
from validator_svc.formats.row_regions import records_in_regions
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.columns import distinct
from validator_svc.kernel.interface import Kernel, Kind, Tally
from validator_svc.lookup.answer_cache import Cache, missing
from validator_svc.lookup.money import nano
from validator_svc.numbering.facts import RequestType


class Budget:
    """Knows the price of a lookup, and which numbers need one. `prices` are USD a number."""

    def __init__(
        self, classifier: Classifier, cache: Cache | None, prices: Mapping[RequestType, Decimal]
    ) -> None:
        self.classifier = classifier
        self.cache = cache
        self.prices = prices

    def price_nano(self, request_type: RequestType) -> int:
        """The price of one lookup in billionths of a USD; 0 without an upstream."""
        return nano(str(self.prices.get(request_type, Decimal(0)))) if self.cache else 0

    def is_paid(self, order: Order) -> bool:
        """Whether lookups of this order cost money."""
        return self.cache is not None and order.request_type != "format"

    async def allows(self, batch: Batch, rows: SegmentRows) -> bool:
        """Whether looking up these rows keeps the batch within its `max_cost`."""
        order = batch.plan.order
        if order.max_cost is None or not self.is_paid(order):
            return True
        numbers = await asyncio.to_thread(self.valid, rows, order.region_code)
        billable = len(numbers) - await self.cached(order, numbers)
        price = max(self.price_nano(order.request_type), observed_nano(batch))
        return batch.counts.get("cost_nano", 0) + billable * price <= nano(order.max_cost)

    async def cached(self, order: Order, numbers: "array[int]") -> int:
        """How many of the numbers ("Q") have an answer in the cache that is new enough."""
        if self.cache is None or not self.is_paid(order):
            return 0
        found = await self.cache.answers(order.request_type, numbers, order.not_before_ms)
        return len(found) - len(missing(found))

    def valid(self, rows: SegmentRows, region_code: str | None) -> "array[int]":
        """The different valid numbers ("Q"), digits of E.164 without `+`. Blocks."""
        tally = valid_tally(self.classifier.kernel)
        kind = Kind("format", region_code)
        records_in_regions(self.classifier.kernel, rows.texts, rows.regions, kind, tally)
        assert tally.valid is not None
        return distinct(tally.valid).numbers


def valid_tally(kernel: Kernel) -> Tally:
    """A tally that has the valid numbers themselves."""
    tally = kernel.new_tally(counts_duplicates=False)
    tally.valid = array("Q")
    return tally


def observed_nano(batch: Batch) -> int:
    """What a lookup of this batch cost on average so far, in billionths of a USD."""
    paid = batch.counts.get("paid", 0)
    return -(-batch.counts.get("cost_nano", 0) // paid) if paid else 0
