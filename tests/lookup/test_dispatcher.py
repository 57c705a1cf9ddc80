"""The dispatcher over a fake upstream and a real store: each number is asked for, and paid for, once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.lookup.fake_upstream import FakeUpstream, dispatching, looked_up
from tests.store import Store
from tests.waiting import wait_until
from validator_svc.lookup import keys
from validator_svc.lookup.circuit_breaker import FAILURES_IN_A_ROW, BreakerState
from validator_svc.lookup.claims import Claims
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.upstreams.errors import (
    NoFundsError,
    RefusedError,
    TimedOutError,
    UnavailableError,
    UpstreamError,
)
from validator_svc.upstreams.outcome import NO_FUNDS, UPSTREAM_FAILED, UPSTREAM_TIMEOUT, Outcome

NUMBERS = [f"62812000000{n:02}" for n in range(20)]
ONE, TWO = NUMBERS[:2]
LOST = UpstreamError("the upstream answers 500")


@pytest.fixture
async def redis(store: Store) -> AsyncIterator[Redis]:
    async with Redis.from_url(store.url) as redis:
        yield redis


def sources(outcomes: dict[str, Outcome]) -> set[str]:
    return {outcome.source for outcome in outcomes.values()}


def break_it(dispatcher: Dispatcher, at: int = 0) -> None:
    breaker = dispatcher.routes.all[at].breaker
    for _ in range(FAILURES_IN_A_ROW):
        given = breaker.try_acquire()
        assert given is not None
        breaker.failed(LOST, given)
    assert breaker.state is BreakerState.BROKEN


async def test_numbers_that_are_wanted_together_go_in_one_request(redis: Redis) -> None:
    fake = FakeUpstream()
    async with dispatching(redis, fake) as dispatcher:
        outcomes = await looked_up(dispatcher, NUMBERS)
    assert fake.asked == [NUMBERS]
    assert sources(outcomes) == {"fake"}


async def test_a_supplier_of_one_number_a_request_is_asked_for_each(redis: Redis) -> None:
    fake = FakeUpstream(numbers_per_request=1)
    async with dispatching(redis, fake) as dispatcher:
        await looked_up(dispatcher, NUMBERS)
    assert sorted(fake.asked) == [[digits] for digits in NUMBERS]


async def test_who_wants_a_number_that_is_being_looked_up_joins(redis: Redis) -> None:
    fake = FakeUpstream()
    fake.may_answer.clear()
    async with dispatching(redis, fake) as dispatcher:
        first = asyncio.create_task(looked_up(dispatcher, [ONE]))
        await wait_until(lambda: fake.asked)
        second = asyncio.create_task(looked_up(dispatcher, [ONE]))
        fake.may_answer.set()
        assert await first == await second
    assert fake.numbers_asked == [ONE]


async def test_another_replica_waits_for_the_answer_in_the_cache(redis: Redis) -> None:
    fake, other = FakeUpstream(), FakeUpstream()
    fake.may_answer.clear()
    async with dispatching(redis, fake) as here, dispatching(redis, other, token="b") as there:
        first = asyncio.create_task(looked_up(here, [ONE]))
        await wait_until(lambda: fake.asked)
        second = asyncio.create_task(looked_up(there, [ONE]))
        await wait_until(lambda: there.in_flight["validation"].elsewhere)
        fake.may_answer.set()
        await first
        assert sources(await second) == {"cache"}
    assert other.asked == []


async def test_an_answer_is_in_the_cache_before_anybody_is_told(redis: Redis) -> None:
    async with dispatching(redis, FakeUpstream()) as dispatcher:
        await looked_up(dispatcher, [ONE])
        assert ONE in await dispatcher.cache.read("validation", [ONE])


async def test_a_failure_of_a_request_is_everybodys_and_nothing_is_kept(redis: Redis) -> None:
    fake = FakeUpstream()
    fake.fails = TimedOutError("no answer in time")
    async with dispatching(redis, fake) as dispatcher:
        outcomes = await looked_up(dispatcher, [ONE, TWO])
        assert {each.failure for each in outcomes.values()} == {UPSTREAM_TIMEOUT}
        assert not await dispatcher.cache.read("validation", [ONE, TWO])
    assert await redis.keys("vs:claim:*") == []


async def test_long_lists_go_by_a_job_whose_note_goes_when_it_ends(redis: Redis) -> None:
    fake = FakeUpstream(above=5)
    async with dispatching(redis, fake) as dispatcher:
        await looked_up(dispatcher, NUMBERS)
        assert fake.polled == ["job-1"]
        assert await dispatcher.claims.jobs("validation", NUMBERS) == {}


async def test_a_job_that_another_replica_started_is_polled_not_paid_again(redis: Redis) -> None:
    fake = FakeUpstream()
    fake.known_jobs.add("job-of-old")
    await Claims(redis, "gone").store_job("validation", "fake", "job-of-old", [ONE])
    async with dispatching(redis, fake) as dispatcher:
        assert sources(await looked_up(dispatcher, [ONE])) == {"fake"}
    assert (fake.asked, fake.polled) == ([], ["job-of-old"])


async def test_while_the_breaker_is_open_nobody_waits_and_nobody_pays(redis: Redis) -> None:
    fake = FakeUpstream()
    async with dispatching(redis, fake) as dispatcher:
        break_it(dispatcher)
        outcomes = await looked_up(dispatcher, NUMBERS)
    assert {each.failure for each in outcomes.values()} == {UPSTREAM_FAILED}
    assert fake.asked == []


async def test_an_open_breaker_is_tried_with_one_number(redis: Redis) -> None:
    fake = FakeUpstream()
    async with dispatching(redis, fake) as dispatcher:
        break_it(dispatcher)
        dispatcher.routes.try_now()
        async with dispatcher.waiting_for("validation", NUMBERS) as taken:
            await taken[ONE][0].outcome
        assert fake.asked[0] == [ONE]
        assert dispatcher.routes.state is BreakerState.CLOSED


async def test_a_trial_is_taken_where_the_request_is_sent_and_not_by_a_number_that_is_elsewhere(
    redis: Redis,
) -> None:
    fake = FakeUpstream()
    await Claims(redis, "another").acquire("validation", [ONE])
    async with dispatching(redis, fake) as dispatcher:
        break_it(dispatcher)
        dispatcher.routes.try_now()
        waiting = asyncio.create_task(looked_up(dispatcher, [ONE]))
        await wait_until(lambda: dispatcher.in_flight["validation"].elsewhere)
        assert not dispatcher.routes.all[0].breaker.is_tried
        assert sources(await looked_up(dispatcher, [TWO])) == {"fake"}
        waiting.cancel()


@pytest.mark.parametrize("error", [RefusedError("401"), NoFundsError("402")])
async def test_what_the_first_supplier_turned_away_the_second_answers(
    redis: Redis, error: UpstreamError
) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.fails = error
    async with dispatching(redis, first, second) as dispatcher:
        assert sources(await looked_up(dispatcher, NUMBERS)) == {"second"}
        # By now the breaker is open.
        assert sources(await looked_up(dispatcher, ["6281399999999"])) == {"second"}
    assert first.numbers_asked == NUMBERS
    assert second.numbers_asked == [*NUMBERS, "6281399999999"]


@pytest.mark.parametrize("error", [LOST, TimedOutError("late"), UnavailableError("503")])
async def test_what_the_first_supplier_may_have_billed_the_second_is_not_asked(
    redis: Redis, error: UpstreamError
) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.fails = error
    async with dispatching(redis, first, second) as dispatcher:
        outcomes = await looked_up(dispatcher, NUMBERS)
    assert all(each.failure for each in outcomes.values())
    assert second.asked == []


async def test_single_numbers_that_came_back_for_lack_of_funds_go_on(redis: Redis) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.failure_of = lambda digits: NO_FUNDS if digits == ONE else None
    async with dispatching(redis, first, second) as dispatcher:
        outcomes = await looked_up(dispatcher, [ONE, TWO])
    assert {digits: each.source for digits, each in outcomes.items()} == {ONE: "second", TWO: "first"}
    assert second.asked == [[ONE]]


async def test_a_job_that_may_not_be_polled_is_not_paid_for_at_the_second(redis: Redis) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.fails = RefusedError("401")
    await Claims(redis, "gone").store_job("validation", "first", "job-1", [ONE])
    async with dispatching(redis, first, second) as dispatcher:
        for _ in range(2):
            outcomes = await looked_up(dispatcher, [ONE])
            assert outcomes[ONE].failure == UPSTREAM_FAILED
    assert second.asked == []
    assert await redis.exists(keys.job("validation", ONE))


async def test_when_all_turn_it_away_the_number_comes_back_unpaid(redis: Redis) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.fails, second.fails = RefusedError("401"), NoFundsError("402")
    async with dispatching(redis, first, second) as dispatcher:
        outcomes = await looked_up(dispatcher, NUMBERS)
        assert {each.failure for each in outcomes.values()} == {NO_FUNDS}
    assert await redis.keys("vs:claim:*") == []


async def test_a_number_goes_to_the_first_supplier_that_answers_its_country(redis: Redis) -> None:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.regions = frozenset(["US"])
    async with dispatching(redis, first, second) as dispatcher:
        outcomes = await looked_up(dispatcher, ["12015550123", ONE])
    assert outcomes["12015550123"].source == "first"
    assert outcomes[ONE].source == "second"


async def test_a_number_that_no_supplier_answers_is_not_waited_for(redis: Redis) -> None:
    fake = FakeUpstream()
    fake.regions = frozenset(["US"])
    async with dispatching(redis, fake) as dispatcher:
        outcomes = await looked_up(dispatcher, [ONE])
        assert (outcomes[ONE].failure, outcomes[ONE].unanswered) == (UPSTREAM_FAILED, None)
        assert dispatcher.in_flight["validation"].open == {}
