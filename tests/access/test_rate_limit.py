"""The bucket of a key as one process has it: tokens taken ahead, and refilled before they are used up."""

import math
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from tests.store import Store, running_store
from tests.waiting import wait_until
from validator_svc.access.api_key import ApiKey
from validator_svc.access.rate_limit import AHEAD_S, RateLimit

PER_S = 5_000.0
AHEAD = int(PER_S * AHEAD_S)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


@pytest.fixture
async def redis(store: Store) -> AsyncIterator[Redis]:
    async with Redis.from_url(store.url) as redis:
        yield redis


def a_key(key_id: str, per_s: float = PER_S) -> ApiKey:
    return ApiKey(key_id, "0" * 64, "a caller", True, 0, requests_per_second=per_s)


def kept_fresh(rates: RateLimit, key: ApiKey) -> None:
    """Have what is taken ahead stay so, however slow this machine is."""
    rates._bucket(key.id).stale_s = math.inf


async def test_tokens_are_refilled_while_there_are_some(redis: Redis) -> None:
    rates, key = RateLimit(redis), a_key("aaaaaaaaaaaa")
    assert rates.take_ahead(key) is None
    assert await rates.take(key, PER_S) == (0, AHEAD - 1)
    kept_fresh(rates, key)
    for left in range(AHEAD - 2, AHEAD // 2 - 2, -1):
        assert rates.take_ahead(key) == left
    await wait_until(lambda: rates._bucket(key.id).refilling is None)
    kept_fresh(rates, key)
    refilled = rates.take_ahead(key)
    assert refilled is not None
    assert refilled > AHEAD // 2


async def test_no_more_is_held_than_may_be_taken_ahead(redis: Redis) -> None:
    rates, key = RateLimit(redis), a_key("bbbbbbbbbbbb")
    await rates.take(key, PER_S)
    for _ in range(5 * AHEAD):
        left = rates.take_ahead(key)
        if left is None:
            left = (await rates.take(key, PER_S)).left
        assert left < AHEAD


async def test_an_empty_bucket_says_when_there_is_a_token(redis: Redis) -> None:
    rates, key = RateLimit(redis), a_key("cccccccccccc", 1.0)
    assert await rates.take(key, 1.0) == (0, 0)
    passed = await rates.take(key, 1.0)
    assert 0 < passed.wait_s <= 1
    assert passed.left == 0


async def test_without_the_store_tokens_are_used_up(store: Store) -> None:
    async with Redis.from_url(store.url) as redis:
        rates, key = RateLimit(redis), a_key("dddddddddddd")
        await rates.take(key, PER_S)
        kept_fresh(rates, key)
    # Nobody listens there.
    rates._take.registered_client = Redis(port=1)
    for left in range(AHEAD - 2, -1, -1):
        assert rates.take_ahead(key) == left
    await wait_until(lambda: rates._bucket(key.id).refilling is None)
    assert rates.take_ahead(key) is None
