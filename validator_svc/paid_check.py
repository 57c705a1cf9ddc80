"""Paid answers for `validator-svc check`: the lookups of the service, without its server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from validator_svc.config import ConfigError, load_settings
from validator_svc.embedded import DataDirInUseError, embedded_or_running_valkey
from validator_svc.lookup.connecting import connect
from validator_svc.lookup.engine import lookup_engine, upstream_settings
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.resolver import Resolver
from validator_svc.lookup.store import StoreAwayError
from validator_svc.lookup.window import Wanted
from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.facts import RequestType


class PaidCheckError(Exception):
    """Why nothing can be looked up, in one line."""


@contextlib.contextmanager
def paid_answers(
    classifier: Classifier, request_type: RequestType, region_code: str | None
) -> Iterator[Callable[[Sequence[Text]], bytes]]:
    """A function from texts to NDJSON that pays where it must, over the store that the service uses.

    Raises PaidCheckError.
    """
    wanted = Wanted(request_type, region_code)
    with contextlib.ExitStack() as stack:
        try:
            settings = load_settings()
            url = settings.redis_url or stack.enter_context(embedded_or_running_valkey(settings.data_dir))
        except (ConfigError, DataDirInUseError, OSError) as error:
            raise PaidCheckError(str(error)) from None
        runner = stack.enter_context(asyncio.Runner())
        store = connect(url)
        engine_context = lookup_engine(upstream_settings(settings), store)
        engine = runner.run(engine_context.__aenter__())
        stack.callback(lambda: runner.run(store.aclose()))
        stack.callback(lambda: runner.run(engine_context.__aexit__(None, None, None)))
        resolver = Resolver(classifier, engine.cache, engine.lookups)

        def answer(texts: Sequence[Text]) -> bytes:
            try:
                return runner.run(gathered(resolver, texts, wanted))
            except StoreAwayError:
                raise PaidCheckError("the store (Redis) does not answer") from None

        yield answer


async def gathered(resolver: Resolver, texts: Sequence[Text], wanted: Wanted) -> bytes:
    """All lines of one chunk."""

    async def block() -> AsyncIterator[Sequence[Text]]:
        yield texts

    async with contextlib.aclosing(resolver.lines(block(), wanted)) as pieces:
        return b"".join([piece async for piece in pieces])
