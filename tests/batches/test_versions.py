"""Processes of two versions side by side: what one accepts, the other works, or leaves alone."""

import json

from structlog.testing import capture_logs

from tests.batches.test_queue import accepted, loaded, parts, work
from tests.lookup.conftest import store
from validator_svc.batches import keys
from validator_svc.batches.batching import Batching
from validator_svc.batches.spec import Order

__all__ = ["parts", "store"]


async def stored_plan(parts: Batching, batch_id: str) -> dict[str, dict[str, object]]:
    plan = await parts.batches.redis.hget(keys.batch(batch_id), "plan")
    assert plan is not None
    found: dict[str, dict[str, object]] = json.loads(plan)
    return found


async def test_what_is_not_asked_for_need_not_be_known(parts: Batching) -> None:
    """A version that has no request ids, traces, systems and policies reads the plan of a list of numbers."""
    order = Order("format", name="contacts", request_id="one", trace="here")
    batch_id = await accepted(parts, order)
    plan = await stored_plan(parts, batch_id)
    assert plan["order"] == {"request_type": "format", "name": "contacts"}
    assert plan["layout"].keys() == {"format", "encoding", "columns", "container"}
    assert (await loaded(parts, batch_id)).plan.order == order


async def test_what_a_newer_version_notes_beside_the_plan_is_passed_over(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    await parts.batches.redis.hset(keys.batch(batch_id), "weather", "fine")
    await work(parts, batch_id, 0)
    assert (await loaded(parts, batch_id)).counts["answered"] == 2


async def test_what_this_version_cannot_do_is_told_and_left_to_a_newer_one(parts: Batching) -> None:
    batch_id = await accepted(parts, Order("format"))
    state, _, _, todo, _ = keys.of_batch(batch_id)
    redis = parts.batches.redis
    known = await redis.hget(state, "plan")
    assert known is not None
    plan = await stored_plan(parts, batch_id)
    plan["order"]["spelling"] = "aloud"
    await redis.hset(state, "plan", json.dumps(plan))
    before = await redis.hgetall(state), await redis.zcard(todo)
    with capture_logs() as logs:
        assert await parts.workers.work.segment(batch_id, 0) is None
        await parts.workers.reconciler.tend()
    assert {(each["event"], each["log_level"]) for each in logs} == {
        ("batch_unreadable", "error"),
        ("batch_not_tended", "error"),
    }
    assert (await redis.hgetall(state), await redis.zcard(todo)) == before
    assert await parts.batches.active() == [batch_id]

    await redis.hset(state, "plan", known)
    await work(parts, batch_id, 0)
    assert (await loaded(parts, batch_id)).counts["answered"] == 2
