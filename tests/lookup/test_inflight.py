"""The in-flight table by itself: each number is looked up once, whoever waits for it."""

import pytest

from validator_svc.lookup.inflight import InFlightTable
from validator_svc.lookup.store import StoreAwayError
from validator_svc.upstreams.outcome import CACHE, LiveAnswer, Outcome

DIGITS = "6281234567890"
ANSWER = Outcome(LiveAnswer(at_ms=1_000, is_valid=True), None, CACHE)


async def test_equal_numbers_share_one_lookup_and_the_first_pays() -> None:
    table = InFlightTable()
    first, first_pays = table.take(DIGITS, 0)
    second, second_pays = table.take(DIGITS, 0)
    assert first is second
    assert (first_pays, second_pays) == (True, False)
    assert table.next_batch(10) == [first]
    assert table.next_batch(10) == []


async def test_everybody_who_waits_gets_the_one_outcome() -> None:
    table = InFlightTable()
    lookup, _ = table.take(DIGITS, 0)
    table.take(DIGITS, 0)
    table.next_batch(10)
    table.settle([(lookup, ANSWER)])
    assert await lookup.outcome == ANSWER
    assert table.open == {}


async def test_who_wants_a_newer_answer_does_not_join_an_older_lookup() -> None:
    table = InFlightTable()
    older, _ = table.take(DIGITS, 0)
    newer, pays = table.take(DIGITS, 5_000)
    assert newer is not older
    assert pays


async def test_what_nobody_waits_for_any_more_is_not_asked_for() -> None:
    table = InFlightTable()
    lookup, _ = table.take(DIGITS, 0)
    table.leave(lookup)
    assert table.queued == 0
    assert table.next_batch(10) == []
    assert lookup.outcome.cancelled()
    assert table.open == {}


async def test_who_joins_a_lookup_that_everybody_left_pays_for_it() -> None:
    table = InFlightTable()
    lookup, _ = table.take(DIGITS, 0)
    table.leave(lookup)
    joined, pays = table.take(DIGITS, 0)
    assert joined is lookup
    assert pays
    assert table.queued == 1


async def test_a_batch_is_no_longer_than_asked_for_and_in_the_order_of_arrival() -> None:
    table = InFlightTable()
    lookups = [table.take(f"628120000{n:04}", 0)[0] for n in range(5)]
    assert table.next_batch(3) == lookups[:3]
    assert table.queues[0]["large"].arrived.is_set()
    assert table.next_batch(3) == lookups[3:]
    assert not table.queues[0]["large"].arrived.is_set()


async def test_what_goes_back_into_the_queue_comes_before_what_is_new() -> None:
    table = InFlightTable()
    old = [table.take(f"628120000{n:04}", 0)[0] for n in range(2)]
    table.next_batch(10)
    new, _ = table.take(DIGITS, 0)
    table.requeue(old)
    assert table.queued == 3
    assert table.next_batch(10) == [*old, new]


async def test_what_cannot_be_done_is_told_to_whoever_waits_and_may_be_asked_for_anew() -> None:
    table = InFlightTable()
    lookup, _ = table.take(DIGITS, 0)
    table.next_batch(10)
    table.fail([lookup], StoreAwayError())
    with pytest.raises(StoreAwayError):
        await lookup.outcome
    assert table.take(DIGITS, 0)[0] is not lookup
