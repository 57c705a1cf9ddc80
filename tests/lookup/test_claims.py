"""Claims on numbers against a real store: no two replicas pay for one number at the same time."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.store import Store
from validator_svc.lookup import keys
from validator_svc.lookup.claims import CLAIM_TTL_MS, Claims

ONE, TWO, THREE = NUMBERS = ["6281200000001", "6281200000002", "6281200000003"]


@pytest.fixture
async def redis(store: Store) -> AsyncIterator[Redis]:
    async with Redis.from_url(store.url) as redis:
        yield redis


async def test_a_number_is_held_by_one_replica_only(redis: Redis) -> None:
    a, b = Claims(redis, "a"), Claims(redis, "b")
    assert await a.acquire("validation", [ONE, TWO]) == {ONE, TWO}
    assert await b.acquire("validation", NUMBERS) == {THREE}


async def test_types_of_request_are_claimed_apart(redis: Redis) -> None:
    a, b = Claims(redis, "a"), Claims(redis, "b")
    await a.acquire("analysis", [ONE])
    assert await b.acquire("validation", [ONE]) == {ONE}


async def test_what_is_released_is_free_for_others(redis: Redis) -> None:
    a, b = Claims(redis, "a"), Claims(redis, "b")
    await a.acquire("validation", [ONE, TWO])
    await a.release("validation", [ONE])
    assert await b.free("validation", [ONE, TWO]) == {ONE}
    assert await b.acquire("validation", [ONE, TWO]) == {ONE}


async def test_nobody_releases_what_another_holds(redis: Redis) -> None:
    a, b = Claims(redis, "a"), Claims(redis, "b")
    await a.acquire("validation", [ONE])
    await b.release("validation", [ONE])
    assert await b.free("validation", [ONE]) == set()


async def test_a_claim_ends_by_itself_when_its_replica_is_killed(redis: Redis) -> None:
    await Claims(redis, "a").acquire("validation", [ONE])
    assert 0 < await redis.pttl(keys.claim("validation", ONE)) <= CLAIM_TTL_MS


async def test_a_claim_of_ours_that_we_no_longer_know_of_is_free_for_us(redis: Redis) -> None:
    await Claims(redis, "a").acquire("validation", [ONE])
    assert await Claims(redis, "a").acquire("validation", [ONE]) == {ONE}


async def test_a_replica_does_not_take_what_it_holds_a_second_time(redis: Redis) -> None:
    a = Claims(redis, "a")
    await a.acquire("validation", [ONE])
    assert await a.acquire("validation", [ONE]) == set()


async def test_a_replica_that_ends_gives_everything_back(redis: Redis) -> None:
    a = Claims(redis, "a")
    await a.acquire("validation", NUMBERS)
    await a.release_all()
    assert await Claims(redis, "b").free("validation", NUMBERS) == set(NUMBERS)


async def test_a_job_that_is_noted_is_found_by_other_replicas_until_it_ends(redis: Redis) -> None:
    a, b = Claims(redis, "a"), Claims(redis, "b")
    await a.store_job("validation", "wavix", "job-1", [ONE, TWO])
    assert await b.jobs("validation", NUMBERS) == {ONE: ("wavix", "job-1"), TWO: ("wavix", "job-1")}
    await a.forget_jobs("validation", [ONE])
    assert await b.jobs("validation", NUMBERS) == {TWO: ("wavix", "job-1")}
