"""What a batch would cost, and how it goes on while it is worked."""

import asyncio
import itertools
import resource
from array import array
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, reached
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text
from tests.lookup.paid import numbers
from tests.service import Service
from validator_svc.batches.estimate import PARTITIONS, Partitions


async def test_an_estimate_tells_what_would_be_paid_and_pays_nothing(
    paying: Processes, emulator: Emulator, tmp_path: Path
) -> None:
    service = paying.serve(**SMALL)
    known, new = numbers(100), numbers(200, 1_000)
    texts = [*known, *new, *new[:50], "not a number", "+1"]
    async with aiohttp.ClientSession(service.url) as client:
        await reached(client, await posted(client, as_text(known), type="validation"), "success")
        paid_before = emulator.ledger.billed_total
        async with client.post("/v1/estimate?type=validation", data=as_text(texts)) as response:
            assert response.status == 200, await response.text()
            estimate = await response.json()
        assert estimate == {
            "count": 352,
            "valid": 350,
            "invalid": 2,
            "duplicates": 50,
            "cached": 100,
            "billable": 200,
            "cost": "2",
            "assumed_international": 0,
            "summary": {"reason": {"not_a_number": 1, "too_short": 1}},
            "read_as": {
                "format": "text",
                "encoding": "utf-8",
                "delimiter": None,
                "header": None,
                "column": None,
                "sheet": None,
                "country": None,
            },
        }
        assert emulator.ledger.billed_total == paid_before
        batch_id = await posted(client, as_text(texts), type="validation")
        shown = await reached(client, batch_id, "success")
    assert (shown["paid"], shown["cost"]) == (estimate["billable"], estimate["cost"])


async def test_many_estimates_need_few_handles(group: Processes) -> None:
    service = group.serve(VALIDATOR_CALLER_UPLOADS="32")
    bodies = [as_text(numbers(2_000, 10 * at) * 2) for at in range(30)]
    async with aiohttp.ClientSession(service.url) as client:

        async def estimated(body: bytes) -> tuple[int, dict[str, Any]]:
            async with client.post("/v1/estimate?type=format", data=body) as response:
                return response.status, await response.json()

        resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (256, 256))
        for status, estimate in await asyncio.gather(*map(estimated, bodies)):
            assert (status, estimate["count"], estimate["duplicates"]) == (200, 4_000, 2_000)
        # Whoever is out of handles says so, and blames nobody else.
        next_handle = free_handle(service)
        resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (next_handle, 256))
        status, error = await estimated(bodies[0])
        assert (status, error["code"]) == (503, "unavailable")
        assert "ulimit" in error["message"], error
        assert "Redis" not in error["message"]


async def test_an_estimate_reads_rows_in_their_own_countries(client: aiohttp.ClientSession) -> None:
    rows = [
        "ID,0812 3456 7000",
        "Indonesia,+62 812-3456-7000",
        "Narnia,0812 3456 7000",
        ",+1",
        "US,2015556721",
    ]
    body = "\n".join(["land,phone", *rows]).encode()
    params = {"type": "validation", "country": "column:land", "column": "phone"}
    async with client.post("/v1/estimate", params=params, data=body) as response:
        estimate = await response.json()
    assert (estimate["count"], estimate["valid"], estimate["duplicates"]) == (5, 3, 1)
    assert estimate["summary"] == {"reason": {"unknown_country": 1, "too_short": 1}}


def free_handle(service: Service) -> int:
    """The number that the next file or connection of the service gets: the lowest that is free."""
    opened = {int(handle.name) for handle in Path(f"/proc/{service.process.pid}/fd").iterdir()}
    return next(number for number in itertools.count() if number not in opened)


def test_equal_numbers_are_found_in_a_list_that_memory_does_not_hold(tmp_path: Path) -> None:
    with (tmp_path / "numbers").open("w+b") as file:
        numbers = Partitions(file)
        for start in range(0, 600_000, 100_000):
            numbers.add(array("Q", range(start, start + 200_000)))
        different = [number for partition in range(PARTITIONS) for number in numbers.different(partition)]
        assert file.tell() > 0
    assert sorted(different) == list(range(700_000))


async def test_duplicates_are_told_over_the_whole_list(client: aiohttp.ClientSession) -> None:
    rows, texts = 30_000, numbers(30_000)
    body = as_text([*texts, *reversed(texts), *texts[:5]])
    async with client.post("/v1/estimate?type=format", data=body) as response:
        estimate = await response.json()
    assert (estimate["valid"], estimate["duplicates"]) == (2 * rows + 5, rows + 5)


async def test_an_estimate_of_a_free_type_costs_nothing(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/estimate?type=format", data=as_text(numbers(10))) as response:
        estimate = await response.json()
    assert (estimate["valid"], estimate["billable"], estimate["cost"]) == (10, 0, "0")


async def test_events_tell_of_progress_until_the_end(paying: Processes, emulator: Emulator) -> None:
    emulator.set_faults({"latency": "100ms"})
    service = paying.serve(VALIDATOR_WAVIX_CONCURRENCY="1", **SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(numbers(3_000)), type="analysis")
        names, states = [], []
        async with client.get(f"/v1/batches/{batch_id}/events") as response:
            assert response.content_type == "text/event-stream"
            async for line in response.content:
                field, _, value = line.decode().strip().partition(": ")
                if field == "event":
                    names.append(value)
                elif field == "data":
                    states.append(orjson.loads(value))
    assert names[-1] == "end"
    assert set(names[:-1]) == {"progress"}
    assert states[-1]["status"] == "success"
    pending = [state["pending"] for state in states]
    assert pending == sorted(pending, reverse=True)
    assert len(set(pending)) > 2
