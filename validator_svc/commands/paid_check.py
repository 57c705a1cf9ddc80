"""Paid answers for `validator-svc check`: the lookups of the service, without its server."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import redis.exceptions

from validator_svc.batches.budget import Budget
from validator_svc.batches.estimate import Estimate, EstimateCounts, Read
from validator_svc.batches.spec import Order
from validator_svc.commands.check_error import CheckError
from validator_svc.config import ConfigError, load_settings
from validator_svc.embedded import DataDirInUseError
from validator_svc.formats.row_regions import records_in_regions
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import Kind
from validator_svc.lookup.lookup_batch import Wanted
from validator_svc.lookup.read_ahead import Text
from validator_svc.lookup.store import StoreAwayError
from validator_svc.numbering.facts import RequestType
from validator_svc.service import lookups, store_url

Texts = tuple[list[Text], list[str | None] | None]
"""Numbers, and the regions that their rows name, where they name any."""
STORE_AWAY = "the store (Redis) does not answer"


class PaidLookups(NamedTuple):
    """What an upstream can be asked, and what that would cost. Both raise CheckError."""

    answer: Callable[[Sequence[Text]], bytes]
    """Texts to NDJSON; pays where it must."""
    estimate: Callable[[Iterable[Texts]], EstimateCounts]
    """What a whole list would cost; pays nothing."""
    price_nano: int
    """Of one lookup, in billionths of a USD, as the settings have it."""


@contextlib.contextmanager
def paid_lookups(
    classifier: Classifier, request_type: RequestType, region_code: str | None
) -> Iterator[PaidLookups]:
    """Dispatcher over the store that the service uses. Raises CheckError."""
    wanted = Wanted(request_type, region_code)
    with contextlib.ExitStack() as stack:
        try:
            settings = load_settings()
            url = stack.enter_context(store_url(settings, may_join=True))
        except (ConfigError, DataDirInUseError, OSError) as error:
            raise CheckError(str(error)) from None
        runner = stack.enter_context(asyncio.Runner())
        opened = lookups(settings, url, classifier)
        try:
            resolver = runner.run(opened.__aenter__()).resolver
        except ConfigError as error:
            raise CheckError(str(error)) from None
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))
        budget = Budget(classifier, resolver.cache, resolver.prices)

        def answer(texts: Sequence[Text]) -> bytes:
            try:
                return runner.run(resolver.whole(texts, wanted))
            except StoreAwayError:
                raise CheckError(STORE_AWAY) from None

        def estimate(blocks: Iterable[Texts]) -> EstimateCounts:
            try:
                return runner.run(estimated(budget, blocks, wanted))
            except redis.exceptions.RedisError:
                raise CheckError(STORE_AWAY) from None

        yield PaidLookups(answer, estimate, budget.price_nano(request_type))


def free_estimate(
    classifier: Classifier,
    blocks: Iterable[Texts],
    request_type: RequestType,
    region_code: str | None,
) -> EstimateCounts:
    """The counts of a list that the plan alone answers: nothing is billable."""
    wanted = Wanted(request_type, region_code)
    return asyncio.run(estimated(Budget(classifier, None, {}), blocks, wanted))


async def estimated(budget: Budget, blocks: Iterable[Texts], wanted: Wanted) -> EstimateCounts:
    """Counts of a list, block by block."""

    kernel, kind = budget.classifier.kernel, Kind("format", wanted.region_code)

    async def rows() -> AsyncIterator[Read]:
        for texts, regions in blocks:
            yield partial(records_in_regions, kernel, texts, regions, kind)

    try:
        return await Estimate(budget).of(Order(wanted.request_type, wanted.region_code), rows())
    except OSError as error:
        raise CheckError(f"an estimate needs room in {tempfile.gettempdir()}: {error.strerror}") from None
