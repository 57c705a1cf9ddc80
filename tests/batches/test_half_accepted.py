"""A service that is killed while it accepts a batch: the batch is worked all the same, or erased."""

from pathlib import Path

import aiohttp
import redis

from tests.batches.asking import posted, reached, results
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import numbers
from tests.store import Store


async def test_a_batch_that_no_list_has_is_found_again(
    group: Processes, store: Store, tmp_path: Path
) -> None:
    waiting = group.serve(VALIDATOR_BATCH_CONCURRENCY="0")
    async with aiohttp.ClientSession(waiting.url) as client:
        batch_id = await posted(client, as_text(numbers(100)))
        with redis.Redis.from_url(store.url) as client_of_store:
            # As it is between two commands of accepting; ten minutes later.
            for index in ("vs:batches", "vs:batches:active"):
                client_of_store.zrem(index, batch_id)
            client_of_store.delete(*client_of_store.keys("vs:docket:*"))
            client_of_store.zadd("vs:batches:loose", {batch_id: 1})
        group.worker()
        await reached(client, batch_id, "success")
        assert (await results(client, batch_id)).count(b"\n") == 100
        async with client.get("/v1/batches") as response:
            assert [each["request_uuid"] for each in (await response.json())["items"]] == [batch_id]
