"""A store of several servers, one of which is killed in the middle of a batch: nothing lost or paid twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from loadtest.wavix_emulator import Emulator
from tests.batches.asking import posted, records
from tests.batches.processes import Processes, processes
from tests.batches.test_crash import SMALL, as_text, reached_through_errors
from tests.lookup.conftest import at_upstream
from tests.lookup.paid import numbers
from tests.topologies import Cluster, Sentinels, Topology, running_topology
from tests.waiting import PATIENCE_S, wait_until


@pytest.fixture(scope="module", params=[Sentinels, Cluster])
def topology(request: pytest.FixtureRequest) -> Iterator[Topology]:
    with running_topology(request.param) as topology:
        yield topology


@pytest.fixture
def group(topology: Topology, emulator: Emulator, tmp_path: Path) -> Iterator[Processes]:
    settings = {
        "REDIS_URL": topology.url,
        **at_upstream(emulator),
    }
    with processes(tmp_path / "data", **settings) as group:
        yield group


async def ready(client: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with client.get("/readyz") as response:
                assert response.status in (200, 503)
                if response.status == 200:
                    return
            await asyncio.sleep(0.1)


async def test_a_batch_with_a_failover_in_its_middle(
    group: Processes, topology: Topology, emulator: Emulator
) -> None:
    emulator.set_faults({"latency": "50ms"})
    texts = numbers(3_000)
    service = group.serve(**SMALL)
    worker = group.worker(**SMALL)
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text(texts), type="analysis")
        await wait_until(lambda: emulator.ledger.billed_total > 300)
        await asyncio.to_thread(topology.fail_over)
        await reached_through_errors(client, batch_id)
        assert [record["phone_number"] for record in await records(client, batch_id)] == texts
        async with client.get(f"/v1/batches/{batch_id}") as response:
            shown = await response.json()
        await ready(client)
    ledger = emulator.ledger
    assert (ledger.billed_total, ledger.distinct_numbers, ledger.max_times_billed) == (3_000, 3_000, 1)
    assert (shown["paid"], shown["unknown"]) == (3_000, 0)
    assert shown["valid"] + shown["invalid"] == 3_000
    for each in (service, worker):
        log = b"".join(each.log)
        assert b'"worker_broke"' not in log
        assert b'"unexpected_error"' not in log
        # Said at growing intervals, and that it is back.
        assert log.count(b'"store_away"') <= 8
