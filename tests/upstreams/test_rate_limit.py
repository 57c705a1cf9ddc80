"""The rate limit by itself, on a clock that goes only where it is told to."""

import asyncio
import random
from itertools import pairwise

import pytest

from tests.upstreams.clock import Clock
from validator_svc.upstreams.rate_limit import RateLimit, Turn, part_of, sent_now


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    return Clock(getattr(request, "param", 0.0))


def limited(rate_per_s: float, clock: Clock) -> RateLimit:
    return RateLimit(rate_per_s, clock.monotonic, clock.sleep)


def busiest(times: list[float], window_s: float = 1.0) -> int:
    """The most of the times within any one window."""
    times = sorted(times)
    return max(sum(start <= each < start + window_s for each in times[at:]) for at, start in enumerate(times))


async def sent(limit: RateLimit, clock: Clock, count: int, late_s: float = 0.0, seed: int = 1) -> list[float]:
    """When so many requests went out, each by up to `late_s` after its turn, side by side."""
    late, times, sending = random.Random(seed), list[float](), []

    async def send(turn: Turn, after_s: float) -> None:
        await clock.sleep(after_s)
        turn.sent()
        times.append(clock.now_s)

    for _ in range(count):
        turn = await limit.wait()
        sending.append(asyncio.create_task(send(turn, late.uniform(0, late_s))))
    await asyncio.gather(*sending)
    return times


@pytest.mark.parametrize("clock", [0.0, 0.002, 0.3, 3.0], indirect=True)
@pytest.mark.parametrize("late_s", [0.0, 0.02, 0.5, 4.0])
@pytest.mark.parametrize("rate", [1, 5, 20])
async def test_no_second_ever_holds_more_than_the_rate(clock: Clock, late_s: float, rate: int) -> None:
    """However late requests go out after their turns, and however long the event loop is held."""
    assert busiest(await clock.run(sent(limited(rate, clock), clock, rate * 20, late_s))) <= rate


@pytest.mark.parametrize("clock", [0.0, 0.002], indirect=True)
@pytest.mark.parametrize("rate", [1, 5, 20, 100])
async def test_the_rate_is_used(clock: Clock, rate: int) -> None:
    times = await clock.run(sent(limited(rate, clock), clock, rate * 60, late_s=0.002))
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * rate


async def test_one_late_request_does_not_hold_up_the_others_for_long(clock: Clock) -> None:
    """Its place is all that it takes: the four others of five go on."""
    limit = limited(5, clock)

    async def work() -> float:
        late, began_s = await limit.wait(), clock.now_s
        await sent(limit, clock, 40)
        late.sent()
        return clock.now_s - began_s

    assert await clock.run(work()) < 11


async def test_a_turn_that_is_given_back_is_somebody_elses(clock: Clock) -> None:
    limit = limited(1, clock)

    async def work() -> float:
        first = await limit.wait()
        waiting = asyncio.create_task(limit.wait())
        await clock.sleep(30)
        assert not waiting.done()
        first.give_back()
        first.sent()  # it is over
        await waiting
        return clock.now_s

    assert await clock.run(work()) == 1_030


async def test_who_sends_says_so_and_otherwise_the_end_counts(clock: Clock) -> None:
    limit = limited(1, clock)

    async def work() -> list[float]:
        times = []
        for says_so in (True, False, True):
            turn = await limit.wait()
            times.append(clock.now_s)
            with turn.sending():
                if says_so:
                    await asyncio.create_task(said())
                await clock.sleep(5)
        sent_now()  # of no turn
        return times

    async def said() -> None:
        sent_now()

    first, second, third = await clock.run(work())
    assert second - first == 5
    assert third - second == pytest.approx(6, abs=0.1)


async def test_after_a_rest_it_does_not_burst(clock: Clock) -> None:
    limit = limited(20, clock)
    await clock.run(sent(limit, clock, 40))
    clock.now_s += 60
    times = await clock.run(sent(limit, clock, 40))
    assert busiest(times) <= 20
    assert busiest(times, 0.1) <= 5


async def test_replicas_keep_to_their_part(clock: Clock) -> None:
    limit = limited(20, clock)
    before = await clock.run(sent(limit, clock, 40))
    limit.share(2, 0)
    after = await clock.run(sent(limit, clock, 40))
    assert busiest(after) <= 10
    assert busiest(before + after) <= 20
    limit.share(1, 0)
    assert busiest(after + await clock.run(sent(limit, clock, 40))) <= 20


@pytest.mark.parametrize(("rate", "replicas"), [(5, 2), (5, 3), (5, 5), (20, 7), (7.5, 2)])
async def test_replicas_together_keep_to_the_rate(clock: Clock, rate: float, replicas: int) -> None:
    times = []
    for rank in range(replicas):
        limit = limited(rate, clock)
        limit.share(replicas, rank)
        clock.now_s = 1_000.0 + rank * 0.1
        times += await clock.run(sent(limit, clock, 40))
    assert busiest(times) <= rate
    parts = [part_of(rate, replicas, rank) for rank in range(replicas)]
    assert sum(parts) == int(rate)


async def test_a_rate_below_one_a_second(clock: Clock) -> None:
    times = await clock.run(sent(limited(0.5, clock), clock, 10))
    assert all(later - sooner >= 2 for sooner, later in pairwise(times))
    assert part_of(0.5, 2, 1) == 0.25


async def test_turns_come_in_the_order_of_asking() -> None:
    limit, order = RateLimit(1_000), []

    async def ask(number: int) -> None:
        await limit.wait()
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == list(range(20))
