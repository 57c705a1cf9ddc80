"""What one supplier leaves out another one fills in; the first answer is kept and stands, come what may."""

import asyncio

import orjson
import pytest
from redis.asyncio import Redis

from tests.lookup.fake_upstream import FakeUpstream, dispatching, looked_up
from tests.lookup.test_keeping import ACCOUNT, ONE, TWO, outcomes, paid, payer, redis
from tests.waiting import wait_until
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup import keys
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.lookup_batch import LookupBatch, Wanted
from validator_svc.lookup.payer import outcome_for
from validator_svc.upstreams.errors import NoFundsError, RefusedError, TimedOutError, UpstreamError
from validator_svc.upstreams.filling import completed, filled, parse_fill
from validator_svc.upstreams.outcome import UPSTREAM_FAILED, LiveAnswer, Outcome
from validator_svc.upstreams.protocol import Keeping

__all__ = ["redis"]

PORTED = frozenset({"ported"})
ANSWER = LiveAnswer(1_000, True, mcc="510", current_carrier="First", reachable=True)
MORE = LiveAnswer(900, True, True, "520", "01", "mobile", "Second", False, False, True)


def test_an_answer_is_completed_and_what_it_says_stands() -> None:
    # Of the network, which is told by two codes, none is the second one's: the first one said one.
    assert completed(ANSWER, MORE) == ANSWER._replace(
        at_ms=900, ported=True, line_type="mobile", risky=False, roaming=True
    )
    nowhere = ANSWER._replace(mcc=None)
    assert completed(nowhere, MORE)[3:5] == ("520", "01")


def test_both_are_paid_for_and_a_second_that_fails_changes_nothing() -> None:
    first = Outcome(ANSWER, None, "first", "0.008")
    assert filled(first, Outcome(MORE, None, "second", "0.0025"))[1:] == (None, "first", "0.0105", None)
    for second in (
        Outcome(None, UPSTREAM_FAILED, ""),
        Outcome(LiveAnswer(1, is_valid=False), None, "second"),
    ):
        assert filled(first, second) == first


def test_fields_are_named_as_in_records() -> None:
    assert parse_fill(" ported, carrier_name,") == {"ported", "current_carrier"}
    assert parse_fill("") == frozenset()
    with pytest.raises(ValueError, match="'phone_type' cannot be filled in; expected some of ported"):
        parse_fill("phone_type")


@pytest.fixture
async def both() -> tuple[FakeUpstream, FakeUpstream]:
    first, second = FakeUpstream("first"), FakeUpstream("second")
    first.said = {"current_carrier": "First"}
    second.said = {"current_carrier": "Second", "ported": True}
    return first, second


async def test_the_second_is_asked_for_what_the_first_left_out(
    redis: Redis, both: tuple[FakeUpstream, FakeUpstream]
) -> None:
    first, second = both
    async with dispatching(redis, first, second, fill=PORTED) as lookups:
        told = await outcomes(lookups, [ONE, TWO], payer())
        kept = await lookups.cache.read("validation", [ONE, TWO])
    for digits in (ONE, TWO):
        answer, _, source, cost, _ = told[digits]
        assert answer is not None
        assert (answer.ported, answer.current_carrier, source, cost) == (True, "First", "first", "0.02")
        assert kept[digits].answer == answer
        assert (kept[digits].supplier, kept[digits].filled_by) == ("first", "second")
        # After a crash it is told the same, and others nothing.
        assert outcome_for(payer(), kept[digits]) == told[digits]
        assert outcome_for(payer("another:1"), kept[digits]).cost == "0"
    assert (first.asked, second.asked) == ([[ONE, TWO]], [[ONE, TWO]])
    # Two numbers, each at two suppliers.
    assert await paid(redis) == (2, 40_000_000)
    assert await redis.keys("vs:claim:*") == []


@pytest.mark.parametrize("why", ["off", "nothing left out", "nobody tells", "not valid", "another country"])
async def test_it_is_not_asked_for_nothing(
    redis: Redis, both: tuple[FakeUpstream, FakeUpstream], why: str
) -> None:
    first, second = both
    if why == "nothing left out":
        first.said["ported"] = False
    elif why == "nobody tells":
        second.tells = dict.fromkeys(second.tells, frozenset())
    elif why == "not valid":
        first.said["is_valid"] = False
    elif why == "another country":
        second.regions = frozenset(["US"])
    fill = frozenset[str]() if why == "off" else PORTED
    async with dispatching(redis, first, second, fill=fill) as lookups:
        told = await looked_up(lookups, [ONE])
    assert (told[ONE].source, told[ONE].cost, second.asked) == ("first", "0.01", [])


@pytest.mark.parametrize(
    "error", [RefusedError("401"), NoFundsError("402"), TimedOutError("late"), UpstreamError("500")]
)
async def test_when_the_second_fails_the_first_stands_and_a_third_is_asked_only_if_nothing_was_paid(
    redis: Redis, both: tuple[FakeUpstream, FakeUpstream], error: UpstreamError
) -> None:
    first, second = both
    second.fails = error
    third = FakeUpstream("third")
    third.said = {"ported": False}
    async with dispatching(redis, first, second, third, fill=PORTED) as lookups:
        told = (await outcomes(lookups, [ONE], payer()))[ONE]
    assert told.answer is not None
    assert (told.failure, told.unanswered, told.source) == (None, None, "first")
    if isinstance(error, RefusedError | NoFundsError):
        assert (told.answer.ported, told.cost, third.asked) == (False, "0.02", [[ONE]])
        assert await paid(redis) == (1, 20_000_000)
    else:
        assert (told.answer.ported, told.cost, third.asked) == (None, "0.01", [])
        assert await paid(redis) == (1, 10_000_000)


async def test_what_the_first_said_is_kept_before_the_second_is_asked(
    redis: Redis, both: tuple[FakeUpstream, FakeUpstream]
) -> None:
    """A process that is killed between them leaves nothing to be paid for again."""
    first, second = both
    second.may_answer.clear()
    async with dispatching(redis, first, second, fill=PORTED) as lookups:
        work = asyncio.create_task(outcomes(lookups, [ONE], payer()))
        await wait_until(lambda: second.asked)
        (kept,) = (await lookups.cache.read("validation", [ONE])).values()
        assert (kept.answer.current_carrier, kept.filled_by, kept.cost) == ("First", None, "0.01")
        assert await paid(redis) == (1, 10_000_000)
    (ended,) = await asyncio.gather(work)
    # The process ends before the second one answers: the first one's answer is told.
    assert (ended[ONE].source, ended[ONE].cost) == ("first", "0.01")


async def test_a_filled_answer_is_charged_once_and_kept_as_short_as_both_say(
    redis: Redis,
) -> None:
    keeping = {"first": Keeping(answer_s=300), "second": Keeping(answer_s=100, moment_s=0)}
    cache = Cache(redis, {"analysis": 600, "validation": 600}, 3_600, keeping)
    first = Paid(Outcome(ANSWER, None, "first", "0.008"), payer())
    second = Paid(Outcome(MORE, None, "second", "0.01"), payer(), first)
    for each in (first, first, second, second):
        await cache.write("validation", {ONE: each})
    assert await paid(redis) == (1, 18_000_000)
    assert 0 < await redis.ttl(keys.live("validation", ONE)) <= 100
    # What it said of its moment may not be kept, and no longer fits the first one's either.
    assert (await cache.read("validation", [ONE]))[ONE].answer.roaming is None
    assert await redis.hget(ACCOUNT, "status") == b"progress"


async def test_when_the_time_is_over_the_first_answer_is_told(
    redis: Redis, both: tuple[FakeUpstream, FakeUpstream]
) -> None:
    first, second = both
    second.may_answer.clear()
    async with dispatching(redis, first, second, fill=PORTED) as lookups:
        wanted = Wanted("validation", deadline_s=0.0)
        batch = LookupBatch(Classifier(), lookups.cache, lookups, wanted)
        batch.start([f"+{ONE}", f"+{ONE}"], asyncio.Semaphore())
        await wait_until(lambda: second.asked)
        lines = b"".join([piece async for piece in batch.lines(patient=False)])
        await batch.close()
    records = [orjson.loads(line) for line in lines.splitlines()]
    assert [each["source"] for each in records] == ["first", "cache"]
    assert [each["cost"] for each in records] == ["0.01", "0"]
    assert {each["carrier_name"] for each in records} == {"First"}
