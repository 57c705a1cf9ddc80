"""The rate limit by itself, on a clock that goes only where it is told to."""

import asyncio
import random
from itertools import pairwise

import pytest

from validator_svc.upstreams.rate_limit import RateLimit


class Clock:
    """Time that passes by sleeping alone; each sleep ends late by up to `late_s`."""

    def __init__(self, late_s: float, seed: int = 1) -> None:
        self.now_s = 1_000.0
        self.late_s = late_s
        self.rng = random.Random(seed)

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, for_s: float) -> None:
        self.now_s += for_s + self.rng.uniform(0, self.late_s)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    return Clock(getattr(request, "param", 0.0))


def limited(rate_per_s: float, clock: Clock) -> RateLimit:
    return RateLimit(rate_per_s, clock.monotonic, clock.sleep)


def busiest(times: list[float], window_s: float = 1.0) -> int:
    """The most of the times within any one window."""
    return max(sum(start <= each < start + window_s for each in times[at:]) for at, start in enumerate(times))


async def passed(limit: RateLimit, clock: Clock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await limit.wait()
        times.append(clock.now_s)
    return times


@pytest.mark.parametrize("clock", [0.0, 0.002, 0.02, 0.2], indirect=True)
@pytest.mark.parametrize("rate", [1, 5, 20, 100])
async def test_no_second_ever_holds_more_than_the_rate(clock: Clock, rate: int) -> None:
    assert busiest(await passed(limited(rate, clock), clock, rate * 10)) <= rate


@pytest.mark.parametrize("clock", [0.0, 0.002], indirect=True)
@pytest.mark.parametrize("rate", [1, 5, 20, 100])
async def test_the_rate_is_used(clock: Clock, rate: int) -> None:
    times = await passed(limited(rate, clock), clock, rate * 60)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * rate


async def test_after_a_rest_it_does_not_burst(clock: Clock) -> None:
    limit = limited(20, clock)
    await passed(limit, clock, 40)
    clock.now_s += 60
    times = await passed(limit, clock, 40)
    assert busiest(times) <= 20
    assert busiest(times, 0.1) <= 5


async def test_replicas_keep_to_their_part(clock: Clock) -> None:
    limit = limited(20, clock)
    before = await passed(limit, clock, 40)
    await limit.share(2)
    after = await passed(limit, clock, 40)
    assert busiest(after) <= 10
    assert busiest(before + after) <= 20
    await limit.share(1)
    assert busiest(after + await passed(limit, clock, 40)) <= 20


async def test_a_rate_below_one_a_second(clock: Clock) -> None:
    times = await passed(limited(0.5, clock), clock, 10)
    assert all(later - sooner >= 2 for sooner, later in pairwise(times))


async def test_turns_come_in_the_order_of_asking() -> None:
    limit, order = RateLimit(1_000), []

    async def ask(number: int) -> None:
        await limit.wait()
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))
    assert order == list(range(20))
