"""What was true for a moment only is stored nowhere where the setting forbids it."""

import aiohttp
import redis

from tests.batches.asking import posted, reached, records
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import count, numbers
from tests.store import Store


async def test_results_of_batches_hold_neither_reachable_nor_roaming(paying: Processes, store: Store) -> None:
    service = paying.serve(VALIDATOR_CACHE_TTL_REACHABLE="0")
    async with aiohttp.ClientSession(service.url) as client:
        batch_id = await posted(client, as_text([*numbers(200), *numbers(50)]), type="validation")
        await reached(client, batch_id, "success")
        told = await records(client, batch_id)
    assert count(told, source="wavix") == 200
    assert count(told, reachable=None, roaming=None) == 250
    with redis.Redis.from_url(store.url) as client_:
        assert not list(client_.scan_iter("vs:moment:*"))
    stored = b"".join(each.read_bytes() for each in paying.data_dir.rglob("*") if each.is_file())
    assert b'"reachable":true' not in stored
    assert b'"roaming":false' not in stored
