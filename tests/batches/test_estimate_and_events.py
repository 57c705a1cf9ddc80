"""What a batch would cost, and how it goes on while it is worked."""

from pathlib import Path

import aiohttp
import orjson

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, reached
from tests.batches.processes import Processes
from tests.batches.test_crash import SMALL, as_text
from tests.lookup.paid import numbers


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
