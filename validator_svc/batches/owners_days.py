"""What batches take of their owners' days: reserved before a segment is worked, settled after it."""

from redis.asyncio import Redis

from validator_svc.access.day_budget import NOTHING, DayBudget, Reserved
from validator_svc.access.key_store import KeyStore
from validator_svc.batches.budget import Budget
from validator_svc.batches.spec import Order
from validator_svc.lookup.money import cost_nano_of


class OwnersDays:
    """The days of the keys that batches were sent with. Both methods raise redis.exceptions.RedisError."""

    def __init__(self, redis: Redis, budget: Budget) -> None:
        self.keys = KeyStore(redis)
        self.days = DayBudget(redis)
        self.budget = budget

    async def reserve(self, order: Order, rows: int) -> Reserved:
        """Reserve so many rows of an order, and what they may cost. Raises DayUsedUpError."""
        key = await self.keys.find(order.owner) if order.owner else None
        if key is None or not rows:
            return NOTHING
        price = self.budget.price_nano(order.request_type) if self.budget.is_paid(order) else 0
        return await self.days.reserve(key, rows, rows * price)

    async def settle(self, reserved: Reserved, before: bytes, after: bytes) -> None:
        """Give back what a segment did not use, given its records before and after it was worked.

        Rows without a record are empty lines.
        """
        if reserved.name:
            numbers = answered_in(after) - answered_in(before)
            await self.days.settle(reserved, numbers, cost_nano_of(after) - cost_nano_of(before))


def answered_in(lines: bytes) -> int:
    """How many rows have a record."""
    return sum(map(bool, lines.splitlines()))
