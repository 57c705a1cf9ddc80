"""What a process remembers of keys: asked for again while they are used, and not believed for long."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.store import Store
from tests.waiting import wait_until
from validator_svc.access.api_key import digest_of, new_secret
from validator_svc.access.callers import FRESH_S, REFRESH_S, Caller, Callers
from validator_svc.access.key_store import KeyStore


@pytest.fixture
async def keys(store: Store) -> AsyncIterator[KeyStore]:
    async with Redis.from_url(store.url) as redis:
        yield KeyStore(redis)


def aged(callers: Callers, key_id: str, by_s: float) -> None:
    """Have a key looked up so long ago."""
    known = callers._known[key_id]
    callers._known[key_id] = known._replace(at_s=known.at_s - by_s)


async def test_a_key_in_use_is_asked_for_again_meanwhile(keys: KeyStore) -> None:
    callers = Callers(keys, None)
    key, secret = await keys.create({"name": "a caller"})
    first = await callers.asked(secret)
    assert callers.judged(digest_of(secret), first) == Caller(key)
    assert await keys.change(key.id, {"enabled": False})
    aged(callers, key.id, REFRESH_S)
    assert callers.remembered(secret) is not None
    await wait_until(lambda: not callers._asking)
    again = callers.remembered(secret)
    assert again is not None
    assert callers.judged(digest_of(secret), again) is None


async def test_what_is_too_old_is_not_believed(keys: KeyStore) -> None:
    callers = Callers(keys, None)
    key, secret = await keys.create({"name": "a caller"})
    await callers.asked(secret)
    aged(callers, key.id, FRESH_S)
    assert callers.remembered(secret) is None
    assert not callers._asking


async def test_nobody_is_asked_for_again(keys: KeyStore) -> None:
    callers, secret = Callers(keys, None), new_secret()[1]
    known = await callers.asked(secret)
    assert known.caller is None
    aged(callers, next(iter(callers._known)), REFRESH_S)
    assert callers.remembered(secret) is not None
    assert not callers._asking
