"""A lookup batch over a real store and a fake upstream: records in order, each number paid for once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson
import pytest
from redis.asyncio import Redis

from tests.lookup.fake_upstream import FakeUpstream, dispatching
from tests.store import Store
from tests.waiting import wait_until
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.python import PythonKernel
from validator_svc.lookup import keys, metrics
from validator_svc.lookup.answer_cache import Paid
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.lookup_batch import LookupBatch, Wanted
from validator_svc.lookup.payer import Payer
from validator_svc.lookup.redis_client import connect
from validator_svc.numbering.risk import parse_risk_list
from validator_svc.upstreams.outcome import LiveAnswer, Outcome

KEPT = [f"+6281234560{n:02}" for n in range(8)]
NEW = [f"+6281234561{n:02}" for n in range(4)]
ANSWERS = [
    LiveAnswer(1_700_000_000_000, is_valid=True, current_carrier="Telkomsel", ported=False),
    LiveAnswer(1_700_000_000_001, is_valid=True, mcc="510", mnc="10", ported=True),
    LiveAnswer(1_700_000_000_000, is_valid=False),
]
MIXED = [KEPT[0], "nonsense", KEPT[1], "", KEPT[0], KEPT[2], "+62812", " +62 812 3456-003", KEPT[5]]
Record = dict[str, str | bool | None]


@dataclass
class Setting:
    redis: Redis
    fake: FakeUpstream
    lookups: Dispatcher
    classifier: Classifier

    def begun(self, texts: Sequence[str], wanted: Wanted) -> LookupBatch:
        batch = LookupBatch(self.classifier, self.lookups.cache, self.lookups, wanted)
        batch.start(texts, asyncio.Semaphore())
        return batch

    async def pieces(self, texts: Sequence[str], wanted: Wanted) -> list[bytes]:
        batch = self.begun(texts, wanted)
        try:
            return [piece async for piece in batch.lines(patient=False)]
        finally:
            await batch.close()

    async def records(self, texts: Sequence[str], wanted: Wanted) -> list[Record]:
        return [orjson.loads(line) for line in b"".join(await self.pieces(texts, wanted)).splitlines()]

    async def keep(self, batch: str | None = None) -> None:
        """Let the cache have an answer for each number of KEPT; paid for by a batch if one is named."""
        payer = None if batch is None else Payer("account", batch, always)
        cost = "0" if batch is None else "0.01"
        paid = {
            text[1:]: Paid(Outcome(ANSWERS[at % len(ANSWERS)], None, "fake", cost), payer)
            for at, text in enumerate(KEPT)
        }
        await self.lookups.cache.write("validation", paid)


async def always() -> bool:
    return True


@pytest.fixture(params=["native", "python", "risk list"])
async def setting(store: Store, request: pytest.FixtureRequest) -> AsyncIterator[Setting]:
    risk_list = parse_risk_list("+62812345600" if request.param == "risk list" else "")
    classifier = Classifier(risk_list)
    if request.param == "python":
        classifier.kernel = PythonKernel(classifier.plan, risk_list)
    fake = FakeUpstream()
    async with connect(store.url) as redis, dispatching(redis, fake) as lookups:
        yield Setting(redis, fake, lookups, classifier)


async def test_each_text_has_its_record_in_order(setting: Setting) -> None:
    await setting.keep()
    records = await setting.records(MIXED, Wanted("validation"))
    assert [record["phone_number"] for record in records] == MIXED
    sources = ["cache", "plan", "cache", "plan", "cache", "cache", "plan", "cache", "cache"]
    assert [record["source"] for record in records] == sources
    assert [record["reason"] for record in records if record["source"] == "plan"] == [
        "not_a_number",
        "empty",
        "too_short",
    ]
    assert setting.fake.asked == []


async def test_cached_answers_stand_in_the_records(setting: Setting) -> None:
    await setting.keep()
    first, second, third = await setting.records(KEPT[:3], Wanted("validation"))
    assert (first["carrier_name"], first["ported"], first["cost"]) == ("Telkomsel", False, "0")
    assert (second["mcc"], second["mnc"], second["ported"]) == ("510", "10", True)
    assert (third["is_valid"], third["reason"]) == (False, "rejected_upstream")
    assert third["e164_format"] == KEPT[2]
    has_list = bool(setting.classifier.risk_list.verdicts)
    assert [each["risky_destination"] for each in (first, third)] == [has_list, has_list or None]


async def test_the_first_of_equal_numbers_carries_the_cost(setting: Setting) -> None:
    setting.fake.may_answer.set()
    texts = [NEW[0], NEW[1], NEW[0], NEW[0].replace("+", "00")]
    records = await setting.records(texts, Wanted("validation"))
    assert [(each["source"], each["cost"]) for each in records] == [
        ("fake", "0.01"),
        ("fake", "0.01"),
        ("cache", "0"),
        ("cache", "0"),
    ]
    assert sorted(setting.fake.numbers_asked) == sorted(text[1:] for text in NEW[:2])


async def test_what_is_known_comes_before_what_is_waited_for(setting: Setting) -> None:
    await setting.keep()
    setting.fake.may_answer.clear()
    batch = setting.begun([KEPT[0], "", NEW[0], KEPT[1], NEW[1]], Wanted("validation"))
    lines = batch.lines(patient=False)
    assert (await anext(lines)).count(b"\n") == 2
    setting.fake.may_answer.set()
    rest = b"".join([piece async for piece in lines])
    assert [orjson.loads(line)["source"] for line in rest.splitlines()] == ["fake", "cache", "fake"]
    await batch.close()


async def test_what_a_batch_paid_before_a_crash_it_tells_once(setting: Setting) -> None:
    await setting.keep("a-batch:7")
    texts = [KEPT[0], KEPT[1], KEPT[0]]
    own, other = (Wanted("validation", payer=Payer("account", part, always)) for part in ("a-batch:7", "b:1"))
    told = [(each["source"], each["cost"]) for each in await setting.records(texts, own)]
    assert told == [("fake", "0.01"), ("fake", "0.01"), ("cache", "0")]
    assert {each["cost"] for each in await setting.records(texts, other)} == {"0"}


@pytest.mark.parametrize("value", [b"", b"{}", b"null", b'{"version":2}', b"\xff", b"7" * 400])
async def test_what_does_not_fit_is_counted_and_asked_for_anew(setting: Setting, value: bytes) -> None:
    await setting.keep()
    for text in KEPT[:2]:
        await setting.redis.set(keys.live("validation", text[1:]), value)
    before = metrics.UNREADABLE._value.get()
    records = await setting.records(KEPT[:4], Wanted("validation"))
    assert [each["source"] for each in records] == ["fake", "fake", "cache", "cache"]
    assert metrics.UNREADABLE._value.get() - before >= 2
    assert sorted(setting.fake.numbers_asked) == sorted(text[1:] for text in KEPT[:2])


async def test_an_old_answer_is_asked_for_anew(setting: Setting) -> None:
    await setting.keep()
    not_before_ms = ANSWERS[0].at_ms + 1
    records = await setting.records(KEPT[:2], Wanted("validation", not_before_ms=not_before_ms))
    assert [each["source"] for each in records] == ["fake", "cache"]


async def test_numbers_answered_are_counted_by_what_became_of_them(setting: Setting) -> None:
    await setting.keep()
    labels = [("validation", "cache", "000"), ("validation", "plan", "021"), ("validation", "fake", "000")]
    before = [metrics.LOOKUPS.labels(*each)._value.get() for each in labels]
    await setting.records([*MIXED, NEW[0]], Wanted("validation"))
    after = [metrics.LOOKUPS.labels(*each)._value.get() for each in labels]
    assert [now - then for now, then in zip(after, before, strict=True)] == [6, 3, 1]


async def test_a_batch_that_is_closed_asks_for_nothing_more(setting: Setting) -> None:
    setting.fake.may_answer.clear()
    batch = setting.begun(NEW, Wanted("validation"))
    await wait_until(lambda: setting.fake.asked)
    await batch.close()
    table = setting.lookups.in_flight["validation"]
    setting.fake.may_answer.set()
    await wait_until(lambda: not table.open)
