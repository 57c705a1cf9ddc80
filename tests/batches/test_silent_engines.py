"""Engines that go silent: connections that hang, and what nobody can read in the store. All else goes on."""

import asyncio

import aiohttp
import orjson
import redis.asyncio

from tests.batches.asking import posted, reached, records, state
from tests.batches.processes import Processes
from tests.relay import relayed
from tests.store import Store
from tests.waiting import PATIENCE_S

TEXT = b"+12125553333\n" * 10


async def ready(client: aiohttp.ClientSession) -> int:
    async with client.get("/readyz") as response:
        return response.status


async def until_ready(client: aiohttp.ClientSession, status: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await ready(client) != status:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def test_a_worker_whose_connections_hang_works_again_by_itself(group: Processes, store: Store) -> None:
    front = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    async with relayed(store.socket) as relay, aiohttp.ClientSession(front.url) as client:
        worker = group.worker(REDIS_URL=relay.url)
        await reached(client, await posted(client, TEXT), "success")
        assert relay.fall_silent() > 1
        await reached(client, await posted(client, TEXT), "success")
        # Before the relay ends, and with it the connections.
        assert worker.stop() == 0


async def test_a_service_that_cannot_work_batches_is_not_ready(group: Processes, store: Store) -> None:
    service = group.serve()
    async with aiohttp.ClientSession(service.url) as client:
        await until_ready(client, 200)
        store.pause()
        try:
            await until_ready(client, 503)
        finally:
            store.go_on()
        await until_ready(client, 200)
        await reached(client, await posted(client, TEXT), "success")


async def test_messages_that_nobody_can_read_hold_up_no_batch(group: Processes, store: Store) -> None:
    service = group.serve()
    poison: list[dict[bytes, bytes]] = [
        {b"junk": b"1"},
        {b"function": b"work_segment"},
        {b"function": b"no_such_function", b"key": b"k", b"args": b"", b"kwargs": b""},
        {
            b"function": b"work_segment",
            b"key": b"\xff",
            b"args": b"\x80",
            b"kwargs": b"}",
            b"when": b"never",
            b"attempt": b"one",
        },
    ]
    async with (
        redis.asyncio.Redis(unix_socket_path=str(store.socket)) as client_of_store,
        aiohttp.ClientSession(service.url) as client,
    ):
        await reached(client, await posted(client, TEXT), "success")
        for message in poison:
            await client_of_store.xadd("vs:docket:stream", message)  # type: ignore[arg-type]
        await reached(client, await posted(client, TEXT), "success")
        async with asyncio.timeout(PATIENCE_S):
            while await client_of_store.xlen("vs:docket:stream"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def test_states_that_nobody_can_read_hold_up_no_batch(group: Processes, store: Store) -> None:
    service = group.serve()
    async with (
        redis.asyncio.Redis(unix_socket_path=str(store.socket)) as client_of_store,
        aiohttp.ClientSession(service.url) as client,
    ):
        good = await posted(client, TEXT)
        plan = await client_of_store.hget(f"vs:batch:{{{good}}}", "plan")
        assert plan
        await reached(client, good, "success")
        states: list[dict[str, bytes | str]] = [
            {"plan": b"{"},
            {"plan": b"[]"},
            {"plan": plan},
            {"plan": plan, "status": b"dreaming", "generation": b"0"},
            {"plan": plan, "status": b"progress", "generation": b"many"},
            {"plan": orjson.dumps(orjson.loads(plan) | {"of_a_later_version": 1}), "status": b"progress"},
        ]
        ids = [f"00000000-0000-4000-8000-{index:012d}" for index in range(len(states) + 2)]
        for batch_id, fields in zip(ids, states, strict=False):
            await client_of_store.hset(f"vs:batch:{{{batch_id}}}", mapping=fields)  # type: ignore[arg-type]
        await client_of_store.set(f"vs:batch:{{{ids[-1]}}}", "a text")
        entries = {"plan": plan, "status": b"progress", "generation": b"0"}
        await client_of_store.hset(f"vs:batch:{{{ids[-2]}}}", mapping=entries)  # type: ignore[arg-type]
        await client_of_store.set(f"vs:batch:{{{ids[-2]}}}:todo", "a text")
        for batch_id in ids:
            await client_of_store.zadd("vs:batches", {batch_id: 1})
            await client_of_store.zadd("vs:batches:active", {batch_id: 1})
            await client_of_store.zadd("vs:batches:calls", {batch_id: 1})
        batch_id = await posted(client, TEXT * 1_000)
        await reached(client, batch_id, "success")
        assert len(await records(client, batch_id)) == 10_000
        async with client.get("/v1/batches") as response:
            assert response.status == 200
            shown = await response.json()
        assert batch_id in {each["request_uuid"] for each in shown["items"]}
        for batch_id in ids:
            await can_only_be_deleted(client, batch_id, is_readable=batch_id == ids[-2])
        assert (await state(client, good))["status"] == "success"
    assert service.stop() == 0
    told = [line for line in map(orjson.loads, service.log) if line["event"] == "batch_not_tended"]
    assert len({line["batch"] for line in told}) == len(told) <= len(ids)


async def can_only_be_deleted(client: aiohttp.ClientSession, batch_id: str, is_readable: bool) -> None:
    """On every route a batch that cannot be read is no fault, and can be deleted."""
    path = f"/v1/batches/{batch_id}"
    asked = [("GET", each) for each in (path, f"{path}/rows", f"/v1/validation/{batch_id}")]
    asked += [("POST", f"{path}/{action}") for action in ("cancel", "resume", "retry")]
    if not is_readable:
        asked += [("GET", f"{path}/{what}") for what in ("results", "results?format=xlsx", "events")]
    for method, each in asked:
        async with client.request(method, each) as response:
            assert response.status in ((200, 409) if is_readable else (409,)), (each, await response.text())
    for status in (204, 404):
        async with client.delete(path) as response:
            assert response.status == status, (batch_id, await response.text())
    async with client.get(path) as response:
        assert response.status == 404
