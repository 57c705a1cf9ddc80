"""Readers of results that are slow, or vanish: they hold up nobody but themselves."""

import aiohttp

from tests.batches.asking import posted, reached, results
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import numbers

COUNT = 65_000


async def test_slow_readers_cost_nothing(group: Processes) -> None:
    service = group.serve()
    texts = as_text(numbers(COUNT))
    async with aiohttp.ClientSession(service.url) as client, aiohttp.ClientSession(service.url) as slow:
        first = await posted(client, texts)
        await reached(client, first, "success")
        before_kb = service.resident_kb()
        batch_id = await posted(client, texts)
        readers = [await slow.get(f"/v1/batches/{batch_id}/results") for _ in range(10)]
        for reader in readers:
            assert await reader.content.read(1_000)
        await reached(client, batch_id, "success")
        # Each holds a segment, a tenth of what it would otherwise have been sent by now.
        assert service.resident_kb() - before_kb < 120_000
        for reader in readers[1:]:
            reader.close()
        rest = await readers[0].read()
        assert rest.count(b"\n") > COUNT - 10
        assert (await results(client, batch_id)).count(b"\n") == COUNT
    assert service.stop() == 0
