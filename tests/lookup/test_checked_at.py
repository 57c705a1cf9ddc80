"""`show=checked_at`: answers from the cache tell when they were given, wherever records are answered."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson
import pytest

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, reached
from tests.lookup.conftest import StartService
from tests.lookup.paid import Record, listed, numbers, one, streamed
from tests.service import Service
from validator_svc.record.finished import with_checked_at, with_second_names, without_checked_at

KNOWN, NEW = numbers(1)[0], numbers(1, 100)[0]
TEXTS = [KNOWN, NEW, NEW, "none"]
# The second of equal numbers is answered from the cache, as it were.
CACHED = [True, False, True, False]


async def read(service: Service, method: str, path: str, **how: Any) -> bytes:
    async with aiohttp.ClientSession(service.url) as client, client.request(method, path, **how) as response:
        assert response.status in (200, 201), await response.text()
        return await response.read()


def assert_times(records: list[Record], began: datetime) -> None:
    assert ["checked_at" in record for record in records] == CACHED
    for record in records:
        if "checked_at" in record:
            assert list(record)[-1] == "checked_at"
            assert record["source"] == "cache"
            at = datetime.fromisoformat(str(record["checked_at"]))
            # The first was asked for before, to the millisecond; the others now.
            assert began - timedelta(seconds=1) <= at <= datetime.now(UTC)


async def test_every_route_tells_when_cached_answers_were_given(
    start_service: StartService, emulator: Emulator
) -> None:
    began, service = datetime.now(UTC), start_service()
    await one(service, KNOWN)
    body = "".join(f"{text}\n" for text in TEXTS)
    line = {"Content-Type": "text/plain"}
    for at, path in enumerate(("/v1/stream", "/v1/batches")):
        # Each way with numbers of its own.
        lines = body.replace(NEW, NEW[:-1] + str(at))
        if path == "/v1/stream":
            answer = await read(
                service, "POST", f"{path}?type=validation&show=checked_at", data=lines, headers=line
            )
            assert_times([orjson.loads(each) for each in answer.splitlines()], began)
            continue
        async with aiohttp.ClientSession(service.url) as client:
            batch_id = await posted(
                client, lines.encode(), "text/plain", type="validation", show="checked_at"
            )
            await reached(client, batch_id, "success")
        answer = await read(service, "GET", f"/v1/batches/{batch_id}/results?format=ndjson")
        assert_times([orjson.loads(each) for each in answer.splitlines()], began)
        table = await read(service, "GET", f"/v1/batches/{batch_id}/results?format=csv")
        rows = list(csv.reader(table.decode().splitlines()))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert "checked_at" not in rows[0]
        polled = orjson.loads(await read(service, "GET", f"/v1/validation/{batch_id}"))["items"]
        assert_times(polled, began)
    listed_now = await listed(
        service, [text.replace(NEW, NEW[:-1] + "5") for text in TEXTS], show="checked_at"
    )
    assert_times(listed_now, began)
    in_query = await read(
        service,
        "POST",
        "/v1/validation?show=checked_at",
        json={"type": "validation", "phone_numbers": [t.replace(NEW, NEW[:-1] + "6") for t in TEXTS]},
    )
    assert_times(orjson.loads(in_query)["items"], began)
    assert "checked_at" in await one(service, KNOWN, show="checked_at")


async def test_nobody_who_does_not_ask_is_told(start_service: StartService, emulator: Emulator) -> None:
    service = start_service()
    for _ in range(2):
        assert "checked_at" not in await one(service, KNOWN)
        for records in (await listed(service, TEXTS), await streamed(service, TEXTS)):
            assert not any("checked_at" in record for record in records)
    async with aiohttp.ClientSession(service.url) as client:
        for params in ({"show": "everything"}, {"show": ""}):
            query = {"phone_number": KNOWN, "type": "format"} | params
            async with client.get("/v1/validation", params=query) as response:
                assert response.status == 400
                assert (await response.json())["message"] == "show: expected checked_at"


@pytest.mark.parametrize("text", ['x","checked_at":"2026"}', "x\\", ""])
def test_it_is_found_where_it_stands_and_nowhere_else(text: str) -> None:
    line = orjson.dumps({"phone_number": text, "is_valid": True, "reason": None}) + b"\n"
    told = with_checked_at(line, 1_700_000_000_000)
    assert orjson.loads(told) == orjson.loads(line) | {"checked_at": "2023-11-14T22:13:20.000Z"}
    assert without_checked_at(told + line + told) == line * 3
    assert orjson.loads(with_second_names(told))["checked_at"] == "2023-11-14T22:13:20.000Z"
