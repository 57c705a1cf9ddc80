"""Asking a service for paid answers, and what the emulator says the truth is."""

from collections.abc import AsyncIterator, Iterable, Sequence

import aiohttp
import orjson

from loadtest.wavix_emulator import answer
from tests.service import Service
from tests.waiting import PATIENCE_S

Record = dict[str, object]


def numbers(count: int, start: int = 0) -> list[str]:
    """Valid mobile numbers (Indonesia, Telkomsel), each different."""
    return [f"+62812{n:08}" for n in range(start, start + count)]


async def one(service: Service, number: str, request_type: str = "validation", **more: str) -> Record:
    params = {"phone_number": number, "type": request_type, **more}
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.get("/v1/validation", params=params) as response,
    ):
        assert response.status == 200, await response.text()
        record = orjson.loads(await response.read())
        assert isinstance(record, dict)
        return record


async def listed(
    service: Service, texts: Sequence[str], request_type: str = "validation", **more: object
) -> list[Record]:
    body = {"type": request_type, "phone_numbers": list(texts), **more}
    async with (
        aiohttp.ClientSession(service.url) as client,
        client.post("/v1/validation", json=body) as response,
    ):
        assert response.status == 200, await response.text()
        items = orjson.loads(await response.read())["items"]
        assert isinstance(items, list)
        return items


async def streamed(service: Service, texts: Sequence[str], request_type: str = "validation") -> list[Record]:
    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(texts), 1_000):
            yield "".join(f"{text}\n" for text in texts[start : start + 1_000]).encode()

    timeout = aiohttp.ClientTimeout(total=2 * PATIENCE_S)
    async with (
        aiohttp.ClientSession(service.url, timeout=timeout) as client,
        client.post(
            f"/v1/stream?type={request_type}", data=body(), headers={"Content-Type": "text/plain"}
        ) as response,
    ):
        assert response.status == 200, await response.text()
        return [orjson.loads(line) async for line in response.content]


def assert_true(record: Record, request_type: str = "validation") -> None:
    """The record says what the upstream knows of a number that the plan takes for valid."""
    digits = str(record["e164_format"])[1:]
    truth = answer(digits, request_type)
    assert record["error_code"] == "000"
    assert record["is_valid"] is truth["is_valid"]
    if not truth["is_valid"]:
        assert record["reason"] == "rejected_upstream"
        assert record["country_code"] is None
        return
    assert record["reason"] is None
    if truth["ported"] is not None:
        assert record["ported"] is truth["ported"]
        assert record["carrier_name"] == truth["carrier_name"]
        assert (record["mcc"], record["mnc"]) == (truth["mcc"], truth["mnc"])
    if request_type == "validation":
        assert (record["reachable"], record["roaming"]) == (truth["reachable"], truth["roaming"])


def assert_coded(record: Record) -> None:
    """The lookup failed, and the record keeps what the plan knows without claiming more."""
    assert record["error_code"] in ("013", "041", "042", "091")
    assert record["is_valid"] is True
    assert record["country_code"] == "ID"
    assert record["reachable"] is None
    assert record["roaming"] is None


def count(records: Iterable[Record], **fields: object) -> int:
    """How many records have these values."""
    return sum(all(record[name] == value for name, value in fields.items()) for record in records)
