"""`validator-svc keys`: the API keys, in the service's own store."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from validator_svc.access.api_key import PREFIX
from validator_svc.access.key_store import KeyStore, Listed
from validator_svc.config import Settings
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.moments import rfc3339
from validator_svc.service import store_url

Result = TypeVar("Result")

COLUMNS = (
    "id",
    "name",
    "enabled",
    "last used",
    "networks",
    "types",
    "a second",
    "numbers/day",
    "USD/day",
)


class KeyCommandError(Exception):
    """What was asked for cannot be done; the message says why."""


def create(settings: Settings, fields: Mapping[str, object]) -> str:
    """Make a key; returns it, as nothing will again. Raises FieldError, KeyCommandError."""
    _, secret = with_keys(settings, lambda keys: keys.create(fields))
    return secret


def listing(settings: Settings) -> str:
    """All keys as a table, the oldest first. Raises KeyCommandError."""
    rows = [COLUMNS, *map(row_of, with_keys(settings, KeyStore.listed))]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def row_of(listed: Listed) -> tuple[str, ...]:
    """A key's cells; `-` where it has no limit."""
    key = listed.key
    limits = (key.requests_per_second, key.numbers_per_day, key.spend_per_day)
    return (
        key.id,
        key.name,
        "yes" if key.enabled else "no",
        rfc3339(listed.last_used_ms) or "never",
        ",".join(key.allowed_networks) or "-",
        ",".join(key.allowed_types) or "-",
        *("-" if limit is None else str(limit) for limit in limits),
    )


def change(settings: Settings, key_id: str, fields: Mapping[str, object]) -> None:
    """Change some fields of a key. Raises FieldError, KeyCommandError."""
    if not with_keys(settings, lambda keys: keys.change(known(key_id), fields)):
        raise unknown(key_id)


def delete(settings: Settings, key_id: str) -> None:
    """Delete a key for good. Raises KeyCommandError."""
    if not with_keys(settings, lambda keys: keys.delete(known(key_id))):
        raise unknown(key_id)


def known(given: str) -> str:
    """The id in what was typed, which may be the beginning of the key. Raises KeyCommandError for a key."""
    key_id = given.removeprefix(PREFIX).lower()
    if "_" in key_id:
        raise KeyCommandError("expected the id of a key, not the key: the twelve characters after vs_")
    return key_id


def unknown(key_id: str) -> KeyCommandError:
    """There is no such key."""
    return KeyCommandError(f"there is no key {known(key_id)}; validator-svc keys list shows all")


def with_keys(settings: Settings, ask: Callable[[KeyStore], Awaitable[Result]]) -> Result:
    """Ask the store's keys something. Raises KeyCommandError while the store is away."""

    async def asked(url: str) -> Result:
        async with contextlib.aclosing(connect(url)) as redis:
            return await ask(KeyStore(redis))

    with store_url(settings, may_join=True) as url:
        try:
            return asyncio.run(asked(url))
        except STORE_ERRORS as error:
            raise KeyCommandError(str(StoreAwayError(error))) from None
