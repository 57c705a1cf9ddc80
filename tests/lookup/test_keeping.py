"""What was paid for is kept, and told to whoever paid, whatever becomes of the store meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests.lookup.fake_upstream import FakeUpstream, dispatching
from tests.store import Store
from tests.waiting import wait_until
from validator_svc.lookup import keys, settlement
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.payer import Payer
from validator_svc.upstreams.outcome import UPSTREAM_FAILED, LiveAnswer, Outcome

ACCOUNT = "vs:an-account"
NUMBERS = [f"62812000000{n:02}" for n in range(20)]
ONE, TWO = NUMBERS[:2]
ANSWERED = Outcome(LiveAnswer(1_700_000_000_000, is_valid=True), None, "fake", "0.01")


@pytest.fixture
async def redis(store: Store) -> AsyncIterator[Redis]:
    async with Redis.from_url(store.url) as redis:
        await redis.hset(ACCOUNT, "status", "progress")
        yield redis


async def always() -> bool:
    return True


def payer(part: str = "a-batch:1") -> Payer:
    return Payer(ACCOUNT, part, always)


async def paid(redis: Redis) -> tuple[int, int]:
    """Numbers, and billionths of a USD."""
    numbers, cost_nano = await redis.hmget(ACCOUNT, "paid", "cost_nano")
    return int(numbers or 0), int(cost_nano or 0)


async def outcomes(lookups: Dispatcher, numbers: list[str], payer: Payer | None) -> dict[str, Outcome]:
    async with lookups.waiting_for("validation", numbers, payer=payer) as taken:
        return {digits: await lookup.outcome for digits, (lookup, _) in taken.items()}


@pytest.mark.parametrize("above", [1_000, 5])
async def test_however_long_the_store_is_away_an_account_is_told_all_that_was_paid(
    redis: Redis, store: Store, monkeypatch: pytest.MonkeyPatch, above: int
) -> None:
    monkeypatch.setattr(settlement, "STORE_PAUSE_S", 0.001)
    fake = FakeUpstream(above=above)
    fake.may_answer.clear()
    async with dispatching(redis, fake) as lookups:
        work = asyncio.create_task(outcomes(lookups, NUMBERS, payer()))
        for_nobody = asyncio.create_task(outcomes(lookups, ["6281399999999"], None))
        await wait_until(lambda: fake.numbers_asked)
        store.kill()
        with capture_logs() as logs:
            fake.may_answer.set()
            await wait_until(lambda: any(log["event"] == "paid_answers_wait_for_store" for log in logs))
            # Who is on nobody's account is told before it is kept; a batch could not go on anyhow.
            if above == 1_000:
                assert (await for_nobody)["6281399999999"].source == "fake"
        assert not work.done()
        store.start()
        assert {each.cost for each in (await work).values()} == {"0.01"}
        await for_nobody
    assert await paid(redis) == (20, 200_000_000)
    assert set(await lookups.cache.read("validation", NUMBERS)) == set(NUMBERS)
    assert await redis.keys("vs:claim:*") == await redis.keys("vs:job:*") == []


async def test_a_process_that_ends_while_the_store_is_away_says_what_is_lost(
    redis: Redis, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "STORE_PAUSE_S", 0.001)
    fake = FakeUpstream()
    fake.may_answer.clear()
    with capture_logs() as logs:
        async with dispatching(redis, fake) as lookups:
            work = asyncio.create_task(outcomes(lookups, NUMBERS, payer()))
            await wait_until(lambda: fake.asked)
            store.kill()
            fake.may_answer.set()
            await wait_until(lambda: any(log["event"] == "paid_answers_wait_for_store" for log in logs))
        await asyncio.gather(work, return_exceptions=True)
    (lost,) = [log for log in logs if log["event"] == "paid_answers_not_kept"]
    assert lost["numbers"] == 20


async def test_an_answer_that_is_kept_twice_is_charged_once(redis: Redis) -> None:
    cache = Cache(redis, {"analysis": 600, "validation": 600})
    for _ in range(2):
        await cache.write("validation", {ONE: Paid(ANSWERED, payer("a-batch:12"))})
    assert await paid(redis) == (1, 10_000_000)
    # Another part, though its name is a piece of the first one's.
    await cache.write("validation", {ONE: Paid(ANSWERED, payer("a-batch:1"))})
    assert await paid(redis) == (2, 20_000_000)


async def test_who_does_the_same_work_again_while_it_is_asked_is_told_what_it_paid(redis: Redis) -> None:
    fake = FakeUpstream()
    fake.may_answer.clear()
    async with dispatching(redis, fake) as lookups:
        async with lookups.waiting_for("validation", [ONE], payer=payer()) as first:
            await wait_until(lambda: fake.asked)
            assert first[ONE][1]
        async with (
            lookups.waiting_for("validation", [ONE], payer=payer()) as again,
            lookups.waiting_for("validation", [ONE], payer=payer("a-batch:2")) as other,
        ):
            assert (again[ONE][1], other[ONE][1]) == (True, False)
            fake.may_answer.set()
            await again[ONE][0].outcome
    assert await paid(redis) == (1, 10_000_000)


async def test_the_note_of_a_job_goes_with_the_answers_it_had(redis: Redis) -> None:
    """Whoever is killed between keeping them and dropping it leaves nothing behind."""
    claims = Claims(redis, "a")
    await claims.store_job("validation", "fake", "job-1", [ONE, TWO])
    failed = Outcome(None, UPSTREAM_FAILED, "fake")
    cache = Cache(redis, {"analysis": 600, "validation": 600})
    await cache.write("validation", {ONE: Paid(ANSWERED), TWO: Paid(failed)})
    assert await claims.jobs("validation", [ONE, TWO]) == {TWO: ("fake", "job-1")}
    assert 0 < await redis.ttl(keys.job("validation", TWO)) <= 24 * 3_600


async def test_the_notes_of_a_job_go_when_the_store_is_back(redis: Redis, store: Store) -> None:
    fake = FakeUpstream(above=5)
    fake.may_answer.clear()
    fake.failure_of = lambda digits: UPSTREAM_FAILED
    async with dispatching(redis, fake) as lookups:
        work = asyncio.create_task(outcomes(lookups, NUMBERS, payer()))
        await wait_until(lambda: fake.asked)
        fake.may_answer.set()
        await wait_until(lambda: fake.polled)
        store.kill()
        store.start()
        await work
        # They go after the answers are told.
        with closing(BlockingRedis(unix_socket_path=str(store.socket))) as kept:
            await wait_until(lambda: not kept.keys("vs:job:*"))
