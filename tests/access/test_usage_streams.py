"""`GET /v1/usage` as CSV and NDJSON: all records of months, in memory that does not grow with them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from tests.access.keyed import as_holder, new_key
from tests.service import Service
from tests.store import Store
from validator_svc.access.usage import Figures, Use
from validator_svc.access.usage_store import UsageStore

DAYS, EACH_HOUR = 25, 80
RECORDS = DAYS * 24 * EACH_HOUR
LOOKUP = ("analysis", "batch", Figures(numbers=1_000, valid=900, invalid=100))


def ms(time: datetime) -> int:
    return round(time.timestamp() * 1_000)


async def use_much(store: Store, key_id: str, first_day: datetime) -> None:
    """Batches of a key in every hour of the days."""
    redis = Redis.from_url(store.url)
    usage = UsageStore(redis, days=400)
    for day in range(DAYS):
        await usage.add(
            Use(
                ms(first_day + timedelta(days=day, hours=hour, seconds=at)),
                key_id,
                *LOOKUP,
                str(uuid.uuid4()),
            )
            for hour in range(24)
            for at in range(EACH_HOUR)
        )
    await redis.aclose()


@pytest.fixture(scope="module")
def first_day() -> datetime:
    """All days are over."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS + 2)


async def test_all_records_of_months_are_streamed(keyed: Service, store: Store, first_day: datetime) -> None:
    made = await new_key(keyed)
    await use_much(store, made["id"], first_day)
    day = str(first_day.date())
    async with as_holder(keyed, made["key"]) as client:
        for media_type, head in (("application/x-ndjson", 0), ("text/csv", 1)):
            sizes, growth = {}, {}
            for until in (day, str(datetime.now(UTC).date())):
                before_kb = keyed.highest_kb()
                lines = size = 0
                params, accept = {"from": day, "to": until}, {"Accept": media_type}
                async with client.get("/v1/usage", params=params, headers=accept) as response:
                    assert response.status == 200
                    async for piece in response.content.iter_any():
                        lines += piece.count(b"\n")
                        size += len(piece)
                sizes[until], growth[until] = lines - head, keyed.highest_kb() - before_kb
            assert [*sizes.values()] == [24 * EACH_HOUR, RECORDS]
            assert size > 5_000_000
            # After a day, which takes the room for one part, months take hardly more.
            assert growth[until] * 1_024 < size / 2, (media_type, growth, size)
