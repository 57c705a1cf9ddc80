"""Values of many keys that end in numbers, however they are asked for: one answer, in order."""

import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.service import lasting_port
from tests.store import Store
from tests.topologies import SLOTS, Server, until
from validator_svc.lookup.answer_cache import Cache, Paid
from validator_svc.lookup.redis_client import NumberedKeys, connect, values_of
from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.outcome import LiveAnswer, Outcome

NUMBERS = array("Q", [6281234567000, 7, 2**64 - 1, 6281234567000, 0, 44])
KEPT = {6281234567000: b"first", 2**64 - 1: b"\r\n", 0: b""}


@pytest.fixture(params=["connected", "as it comes", "cluster"])
async def redis(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> AsyncIterator[Redis]:
    if request.param != "cluster":
        async with connect(store.url) if request.param == "connected" else Redis.from_url(store.url) as redis:
            yield redis
        return
    cluster = ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
    server = Server(tmp_path, *cluster, "--cluster-port", str(lasting_port()))
    try:
        until(server.is_up)
        server.client.execute_command("CLUSTER ADDSLOTSRANGE", 0, SLOTS - 1)
        until(lambda: server.client.cluster("info")["cluster_state"] == "ok")
        async with connect(f"redis+cluster://127.0.0.1:{server.port}") as redis:
            yield redis
    finally:
        server.client.close()
        server.kill()


async def test_each_key_has_its_value(redis: Redis) -> None:
    for number, value in KEPT.items():
        await redis.set(f"vs:live:analysis:{number}", value)
    keys = NumberedKeys("vs:live:analysis:", NUMBERS)
    assert await values_of(redis, keys) == [KEPT.get(number) for number in NUMBERS]
    assert await values_of(redis, NumberedKeys("vs:moment:", NUMBERS[:1])) == [None]


async def test_many_answers_are_read_a_thousand_at_a_time(store: Store) -> None:
    numbers = array("Q", range(6281200000000, 6281200002500))
    answers = [LiveAnswer(time.time_ns() // 1_000_000, is_valid=bool(kind)) for kind in range(2)]
    async with connect(store.url) as redis:
        cache = Cache(redis, {"analysis": 100, "validation": 100})
        kinds: tuple[RequestType, ...] = ("analysis", "validation")
        for kind, answer, of_it in zip(kinds, answers, (numbers[::500], numbers[1::500]), strict=True):
            await cache.write(kind, {str(number): Paid(Outcome(answer, None, "one")) for number in of_it})
        found = await cache.answers("analysis", numbers)
        read = store.commands()["mget"]
    expected = [answers[at % 500] if at % 500 < 2 else None for at in range(len(numbers))]
    assert [kept and kept.answer for kept in found] == expected
    # Each thousand: of its own type, of the type that serves it too, and what answers said of their moment.
    assert read == 3 * 3
