"""Idempotency-Keys: one list is one batch, however it is sent again; another list never passes for it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping

import aiohttp
import orjson
import pytest
import redis

from tests.batches.asking import Json, reached, records, state
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.batches.test_webhook import SECRET, Receiver, receiver
from tests.lookup.paid import numbers
from tests.store import Store
from tests.waiting import wait_until

__all__ = ["receiver"]

CSV = "name;phone;mobile\nAnn;+62 812 3456 7000;+1 212 555 0100\nJosé;+62 812 3456 7001;\n".encode("cp1252")
ASKED = {"type": "format", "column": "phone"}
PLAIN = {"type": "format"}
OTHERWISE = [
    {"type": "analysis"},
    {"column": "mobile"},
    {"header": "false", "column": "2"},
    {"encoding": "latin2"},
    {"country": "ID"},
    {"country": "column:name"},
    {"name": "others.csv"},
    {"max_cost": "3"},
    {"force": "true"},
    {"max_age": "60"},
]


async def sent(
    client: aiohttp.ClientSession,
    key: str,
    body: bytes | AsyncIterator[bytes] = CSV,
    path: str = "/v1/batches",
    media_type: str = "text/csv",
    params: Mapping[str, str] = ASKED,
) -> tuple[int, Json]:
    """Send a list under a key; returns status and answer."""
    headers = {"Idempotency-Key": key, "Content-Type": media_type}
    async with client.post(path, params=params, data=body, headers=headers) as response:
        return response.status, await response.json()


def batches_in(store: Store) -> int:
    with redis.Redis.from_url(store.url) as client:
        return int(client.zcard("vs:batches"))


async def test_lists_sent_at_the_same_time_under_one_key_are_one_batch(
    group: Processes, store: Store
) -> None:
    service = group.serve(VALIDATOR_WORKERS="2", VALIDATOR_SEGMENT_ROWS="50")
    body = as_text(numbers(500))
    async with aiohttp.ClientSession(service.url) as client:
        for round_ in range(1, 11):
            sending = [
                sent(client, f"key {round_}", body, media_type="text/plain", params=PLAIN) for _ in range(8)
            ]
            answers = await asyncio.gather(*sending)
            assert {status for status, _ in answers} == {201}
            assert len({str(answer["request_uuid"]) for _, answer in answers}) == 1
            assert batches_in(store) == round_


async def test_what_changes_the_answer_makes_it_another_list(client: aiohttp.ClientSession) -> None:
    first = await sent(client, "one")
    assert first[0] == 201
    assert await sent(client, "one") == first
    for otherwise in OTHERWISE:
        status, answer = await sent(client, "one", params=ASKED | otherwise)
        assert (status, answer["code"]) == (422, "idempotency_key_reused"), otherwise
    status, answer = await sent(client, "one", CSV.replace(b"7001", b"7002"))
    assert (status, answer["code"]) == (422, "idempotency_key_reused")
    status, _ = await sent(client, "two")
    assert status == 201


async def test_a_list_of_the_public_api_is_told_by_all_that_it_says(client: aiohttp.ClientSession) -> None:
    asked: Json = {"type": "format", "phone_numbers": ["0812 3456 7000"], "async": True, "country": "ID"}

    async def listed(**otherwise: object) -> tuple[int, Json]:
        body = orjson.dumps(asked | otherwise)
        return await sent(client, "list", body, "/v1/validation", "application/json", {})

    first = await listed()
    assert first[0] == 201
    assert await listed() == first
    others: list[Json] = [
        {"country": "DE"},
        {"force": True},
        {"max_age": 5},
        {"phone_numbers": ["0812 3456 7001"]},
        {"phone_numbers": ["0812 3456 7000", ""]},
    ]
    for otherwise in others:
        assert (await listed(**otherwise))[0] == 422, otherwise


async def test_a_key_whose_list_could_not_be_read_is_free(client: aiohttp.ClientSession) -> None:
    assert (await sent(client, "again", b"a;b\nx;y\n"))[0] == 422
    assert (await sent(client, "again"))[0] == 201
    # After its batch was deleted too.
    _, answer = await sent(client, "again")
    async with client.delete(f"/v1/batches/{answer['request_uuid']}") as response:
        assert response.status == 204
    assert (await sent(client, "again", CSV.replace(b"7001", b"7002")))[0] == 201


async def test_a_key_in_use_says_so_and_outlives_no_process(group: Processes, store: Store) -> None:
    service = group.serve()
    begun, may_end = asyncio.Event(), asyncio.Event()
    short = as_text(numbers(10))

    async def slow() -> AsyncIterator[bytes]:
        yield as_text(numbers(100_000))
        begun.set()
        await may_end.wait()

    def is_held() -> bool:
        with redis.Redis.from_url(store.url) as client_of_store:
            return bool(list(client_of_store.scan_iter("vs:idempotency:*:claim")))

    async with aiohttp.ClientSession(service.url) as client:
        sending = asyncio.create_task(sent(client, "slow", slow(), media_type="text/plain", params=PLAIN))
        await begun.wait()
        await wait_until(is_held)
        status, answer = await sent(client, "slow", short, media_type="text/plain", params=PLAIN)
        assert (status, answer["code"]) == (409, "idempotency_key_in_use")
        service.stop(signal.SIGKILL)
        await asyncio.gather(sending, return_exceptions=True)
    with redis.Redis.from_url(store.url) as client_of_store:
        for claim in client_of_store.scan_iter("vs:idempotency:*:claim"):
            assert 0 < client_of_store.pttl(claim) <= 30_000
            client_of_store.pexpire(claim, 1)
    await wait_until(lambda: not is_held())
    async with aiohttp.ClientSession(group.serve().url) as client:
        status, answer = await sent(client, "slow", short, media_type="text/plain", params=PLAIN)
        assert status == 201
        assert len(await records(client, str(answer["request_uuid"]))) == 10


@pytest.mark.parametrize("key", ["of \udcfc bytes", "plain"])
async def test_names_that_are_not_utf_8_are_told_to_all(
    group: Processes, receiver: Receiver, key: str
) -> None:
    service = group.serve(VALIDATOR_WEBHOOK_SECRET=SECRET, VALIDATOR_WEBHOOK_PRIVATE="true")
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="M\xfcller \xff.csv"\r\n\r\n'
        + CSV
        + b"\r\n--x--\r\n"
    )
    head = (
        f"POST /v1/batches?type=format&column=phone&webhook_url={receiver.url} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nIdempotency-Key: {key}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(head.encode("utf-8", "surrogateescape") + body)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 201"), answer
    batch_id = orjson.loads(answer.partition(b"\r\n\r\n")[2])["request_uuid"]
    async with aiohttp.ClientSession(service.url) as client:
        await reached(client, batch_id, "success")
        assert (await state(client, batch_id))["name"] == "M\ufffdller \ufffd.csv"
        async with client.get(f"/v1/batches/{batch_id}/events") as response:
            assert (await response.text()).startswith("event: end")
        await wait_until(lambda: len(receiver.calls) == 2)
    assert orjson.loads(receiver.calls[1][1])["name"] == "M\ufffdller \ufffd.csv"
