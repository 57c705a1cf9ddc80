"""What was true for a moment only is stored nowhere where the setting forbids it."""

import csv
import time

import aiohttp
import pytest
import redis

from tests.batches.asking import posted, reached, records
from tests.batches.processes import Processes
from tests.batches.test_crash import as_text
from tests.lookup.paid import count, numbers
from tests.store import Store
from tests.waiting import PATIENCE_S
from validator_svc.record.finished import as_told_now


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


async def test_results_tell_of_a_moment_only_as_long_as_the_setting_allows(
    paying: Processes, store: Store
) -> None:
    texts = [*numbers(60), *numbers(20)]
    service = paying.serve(VALIDATOR_CACHE_TTL_REACHABLE="3600")
    ids = []
    async with aiohttp.ClientSession(service.url) as client:
        for more in ({}, {"show": "checked_at"}):
            batch_id = await posted(client, as_text(texts), type="validation", **more)
            ids.append(batch_id)
            await reached(client, batch_id, "success")
            told = await records(client, batch_id)
            assert sum(record["reachable"] is not None for record in told) > 60
            shown = [record for record in told if "checked_at" in record]
            assert len(shown) == (count(told, source="cache") if more else 0)
    service.stop()
    # The same batches, once the hour has become a second.
    service = paying.serve(VALIDATOR_CACHE_TTL_REACHABLE="1")
    async with aiohttp.ClientSession(service.url) as client:
        deadline_s = time.monotonic() + PATIENCE_S
        for batch_id in ids:
            while count(told := await records(client, batch_id), reachable=None, roaming=None) < len(texts):
                assert time.monotonic() < deadline_s
            assert count(told, is_valid=True) > 60
            assert any(record["carrier_name"] for record in told)
            for path, params in (
                (f"/v1/batches/{batch_id}/results", {"format": "csv"}),
                (f"/v1/validation/{batch_id}", {}),
                (f"/v1/batches/{batch_id}/rows", {}),
            ):
                async with client.get(path, params=params) as response:
                    body = await response.text()
                    assert response.status == 200, body
                assert '"reachable":true' not in body
                assert '"reachable":false' not in body
                if "format" in params:
                    rows = list(csv.DictReader(body.splitlines()))
                    assert len(rows) == len(texts)
                    assert {(row["reachable"], row["roaming"]) for row in rows} == {("", "")}


MOMENTARY = b'{"phone_number":"\\"reachable\\":true","reachable":%b,"roaming":%b,"source":"%b"%b}\n'
LIMIT_MS = 1_700_000_000_000
AT_LIMIT, BEFORE = (b',"checked_at":"2023-11-14T22:13:%b"' % at for at in (b"20.000Z", b"19.999Z"))


@pytest.mark.parametrize("source", [b"cache", b"wavix"])
@pytest.mark.parametrize("shows", [True, False])
def test_a_stored_record_as_it_is_told(source: bytes, shows: bool) -> None:
    def record(reachable: bytes, roaming: bytes, time: bytes) -> bytes:
        return MOMENTARY % (reachable, roaming, source, time)

    def told(line: bytes) -> bytes:
        return as_told_now(line, LIMIT_MS, shows)

    is_shown = shows and source == b"cache"
    young, old = (time if is_shown else b"" for time in (AT_LIMIT, BEFORE))
    assert told(record(b"true", b"false", AT_LIMIT)) == record(b"true", b"false", young)
    assert told(record(b"true", b"false", BEFORE)) == record(b"null", b"null", old)
    # Of one that was stored without its time nobody knows how old it is.
    assert told(record(b"false", b"null", b"")) == record(b"null", b"null", b"")
    both = record(b"true", b"null", BEFORE) + record(b"true", b"null", AT_LIMIT)
    assert told(both) == record(b"null", b"null", old) + record(b"true", b"null", young)


def test_records_of_the_plan_are_told_as_they_are() -> None:
    plain = MOMENTARY % (b"null", b"null", b"plan", b"")
    assert as_told_now(plain * 3, LIMIT_MS, False) == plain * 3
    one_of_them = plain + MOMENTARY % (b"true", b"null", b"wavix", b"") + plain
    assert as_told_now(one_of_them, LIMIT_MS, False) == plain + plain.replace(b"plan", b"wavix") + plain
