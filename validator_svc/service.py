"""The composition root: what a process needs, opened in order, and closed the other way round.

`serve`, `worker` and `watch` are a `Service` each; `check` and `lookup` need its lookups alone.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

from redis.asyncio import Redis

from validator_svc.batches.batching import Batching, batch_settings, batching
from validator_svc.config import Settings
from validator_svc.dropbox.lifecycle import watching
from validator_svc.embedded import embedded_or_running_valkey, embedded_valkey
from validator_svc.kernel.classify import Classifier
from validator_svc.lookup.engine import lookup_engine
from validator_svc.lookup.redis_client import connect
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.routes import Routes
from validator_svc.screening.forwarding import Forwarder, forwarder
from validator_svc.screening.screening import Screening, screening_settings
from validator_svc.traces import tracing
from validator_svc.upstreams import registry


class Lookups(NamedTuple):
    """What answers numbers."""

    store: Redis
    resolver: Resolver
    routes: Routes | None
    """None: no upstream is set."""


class Service(NamedTuple):
    """What answers numbers and works batches."""

    store: Redis
    resolver: Resolver
    routes: Routes | None
    batching: Batching
    screening: Screening
    forwarder: Forwarder


@contextlib.contextmanager
def store_url(settings: Settings, may_join: bool) -> Iterator[str]:
    """The URL of the store: the one of the settings, or an embedded Valkey's for as long as the block.

    `may_join`: whether the Valkey of a service that runs on the data directory already will do. Raises
    `embedded.DataDirInUseError`, or OSError naming the setting.
    """
    with contextlib.ExitStack() as stack:
        embedded = embedded_or_running_valkey if may_join else embedded_valkey
        yield settings.redis_url or stack.enter_context(embedded(settings.data_dir))


@contextlib.asynccontextmanager
async def lookups(settings: Settings, redis_url: str, classifier: Classifier) -> AsyncIterator[Lookups]:
    """The store, and what answers numbers over it."""
    async with contextlib.AsyncExitStack() as stack:
        store = connect(redis_url)
        stack.push_async_callback(store.aclose)
        if not registry.choices(settings):
            yield Lookups(store, Resolver(classifier), None)
            return
        engine = await stack.enter_async_context(lookup_engine(settings, store, classifier.region_of))
        yield Lookups(store, Resolver(classifier, engine.cache, engine.lookups), engine.routes)


@contextlib.asynccontextmanager
async def service(
    settings: Settings, redis_url: str, classifier: Classifier, drop_dir: Path | None
) -> AsyncIterator[Service]:
    """All of a service but its HTTP side; `drop_dir`: the drop folder to watch, if any.

    Raises ConfigError for an object store that cannot be used, OSError for such a drop folder.
    """
    async with contextlib.AsyncExitStack() as stack:
        # Closed last, with what the others did at their end.
        stack.enter_context(tracing(settings.traces_url))
        of_screening = screening_settings(settings)
        store, resolver, routes = await stack.enter_async_context(lookups(settings, redis_url, classifier))
        screening = Screening(of_screening, resolver)
        handled = batching(batch_settings(settings), redis_url, store, resolver, routes, screening)
        batches = await stack.enter_async_context(handled)
        if drop_dir is not None:
            await stack.enter_async_context(watching(drop_dir, settings.drop_settle, batches))
        sends_on = await stack.enter_async_context(forwarder(settings, store))
        yield Service(store, resolver, routes, batches, screening, sends_on)
