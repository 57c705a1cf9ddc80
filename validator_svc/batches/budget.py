"""What numbers would cost, before anything is paid."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import repeat
from typing import NamedTuple

from validator_svc.batches.segments import Rows
from validator_svc.batches.spec import Order
from validator_svc.batches.state import Batch
from validator_svc.formats.clean_csv import SLICE
from validator_svc.kernel.classify import Classifier, without_country
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.money import nano
from validator_svc.lookup.read_ahead import Text
from validator_svc.numbering.countries import UNKNOWN
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import VALID_NUMBER


class Part(NamedTuple):
    """Some rows of one region."""

    region_code: str | None
    """None when no country is given for them; `countries.UNKNOWN` for rows that cannot be read."""
    texts: list[Text]
    lines: bytes
    """A record of NDJSON for each."""


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

    async def allows(self, batch: Batch, rows: Rows) -> bool:
        """Whether looking up these rows keeps the batch within its `max_cost`."""
        order = batch.plan.order
        if order.max_cost is None or not self.is_paid(order):
            return True
        numbers = list(dict.fromkeys(self.valid(rows, order.region_code)))
        billable = len(numbers) - await self.cached(order, numbers)
        price = max(self.price_nano(order.request_type), observed_nano(batch))
        return batch.counts.get("cost_nano", 0) + billable * price <= nano(order.max_cost)

    async def cached(self, order: Order, numbers: list[str]) -> int:
        """How many of the numbers have an answer in the cache that is new enough."""
        if self.cache is None or not numbers or not self.is_paid(order):
            return 0
        return len(await self.cache.read(order.request_type, numbers, order.not_before_ms))

    def valid(self, rows: Rows, region_code: str | None) -> Iterator[str]:
        """The valid numbers, digits of E.164 without `+`, as often as they come, in no certain order."""
        for part in self.read(rows, region_code):
            yield from digits_in(part.lines)

    def read(self, rows: Rows, region_code: str | None) -> Iterator[Part]:
        """All rows as the numbering plan reads them, those of one region together."""
        by_region: dict[str | None, list[Text]] = {}
        for text, region in zip(rows.texts, rows.regions or repeat(region_code), strict=False):
            by_region.setdefault(region, []).append(text)
        for region, texts in by_region.items():
            for start in range(0, len(texts), SLICE):
                part = texts[start : start + SLICE]
                if region == UNKNOWN:
                    yield Part(region, part, without_country([text or "" for text in part], "format"))
                else:
                    yield Part(region, part, self.classifier.rows(part, "format", region))


def digits_in(lines: bytes) -> Iterator[str]:
    """The digits of the valid numbers in records of NDJSON."""
    return (digits.decode() for _, digits in VALID_NUMBER.findall(lines))


def observed_nano(batch: Batch) -> int:
    """What a lookup of this batch cost on average so far, in billionths of a USD."""
    paid = batch.counts.get("paid", 0)
    return -(-batch.counts.get("cost_nano", 0) // paid) if paid else 0
