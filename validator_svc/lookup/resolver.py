"""The resolver: texts in, finished NDJSON lines out, in order; money is spent only where it must be."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal
from functools import lru_cache

from validator_svc.kernel.classify import Classifier, end_of_slice, runs, unreadable
from validator_svc.kernel.interface import Kind, Listed
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.lookup_batch import LookupBatch, Wanted
from validator_svc.lookup.read_ahead import ReadAhead, Text, one_block
from validator_svc.numbering.facts import RequestType
from validator_svc.turns import next_turn

# Classifying holds the event loop, so it goes in slices, the first one of a few texts. In plain Python a
# character takes up to half a microsecond, whatever text it is in.
SLICE_START = 512
SLICE_MAX = 64 * 1024
SLICE_GOAL_S = 0.005
# So much is classified while its request is handled, without anybody having to wait in between.
AT_ONCE = 4 * 1024


class Resolver:
    """Resolves texts; one for all requests. Without `cache` and `lookups` the plan answers everything."""

    def __init__(
        self, classifier: Classifier, cache: Cache | None = None, lookups: Dispatcher | None = None
    ) -> None:
        self.classifier = classifier
        self.cache = cache
        self.lookups = lookups

    @property
    def prices(self) -> Mapping[RequestType, Decimal]:
        """USD that a lookup of each type costs at the first supplier that answers it; for estimates."""
        return self.lookups.routes.prices if self.lookups is not None else {}

    def is_paid(self, request_type: RequestType) -> bool:
        """Whether answers of this type may need the upstream."""
        return self.lookups is not None and request_type != "format"

    def knows_at_once(self, texts: Sequence[str], request_type: RequestType) -> bool:
        """Whether these are a few texts that need no upstream."""
        return not self.is_paid(request_type) and end_of_slice(texts, 0, AT_ONCE) == len(texts)

    def at_once(self, text: str, wanted: Wanted) -> bytes:
        """The line of NDJSON for a text that is known at once."""
        kind = kind_of(wanted.request_type, wanted.region_code, wanted.both_names)
        return self.classifier.kernel.texts([text], kind)

    def listed_at_once(self, texts: Sequence[str], wanted: Wanted, before: bytes, after: bytes) -> Listed:
        """The records of texts that are known at once, with commas between, and what stands around them."""
        kind = kind_of(wanted.request_type, wanted.region_code, wanted.both_names)
        return self.classifier.kernel.listed(texts, kind, before, after)

    def lines(self, blocks: AsyncIterator[Sequence[Text]], wanted: Wanted) -> AsyncGenerator[bytes, None]:
        """NDJSON for the texts of all blocks, one line each, in order, in pieces of several lines.

        Blocks are read a bounded way ahead of what is taken here. Raises StoreAwayError: before
        the first piece as soon as the store is found away, later only when it stays away. Whatever
        `blocks` raises comes out here too. Close the generator if it is not taken to its end.
        """
        return self._paid(blocks, wanted) if self.is_paid(wanted.request_type) else self._free(blocks, wanted)

    async def whole(self, texts: Sequence[Text], wanted: Wanted) -> bytes:
        """NDJSON for texts that are there as a whole, when all of it is. Raises StoreAwayError."""
        async with aclosing(self.lines(one_block(texts), wanted)) as pieces:
            return b"".join([piece async for piece in pieces])

    async def _free(
        self, blocks: AsyncIterator[Sequence[Text]], wanted: Wanted
    ) -> AsyncGenerator[bytes, None]:
        """The plan answers everything."""
        request_type, both_names = wanted.request_type, wanted.both_names
        size = SLICE_START
        async for texts in blocks:
            for readable, run in runs(texts):
                start = 0
                while start < len(run):
                    began_s = time.perf_counter()
                    part = run[start : end_of_slice(run, start, size)]
                    if readable:
                        yield self.classifier.lines(part, request_type, wanted.region_code, both_names)
                    else:
                        yield unreadable(len(part), request_type, both_names)
                    start += len(part)
                    size = next_size(size, time.perf_counter() - began_s)
                    await next_turn()

    async def _paid(
        self, blocks: AsyncIterator[Sequence[Text]], wanted: Wanted
    ) -> AsyncGenerator[bytes, None]:
        """Windows under way side by side, answered one after the other."""
        ahead = ReadAhead(self._window, blocks, wanted)
        begun = False
        try:
            while (item := await ahead.next()) is not None:
                if isinstance(item, bytes):
                    yield item
                else:
                    async for piece in item.lines(patient=begun):
                        yield piece
                begun = True
        finally:
            await ahead.close()

    def _window(self, wanted: Wanted) -> LookupBatch:
        assert self.cache is not None
        assert self.lookups is not None
        return LookupBatch(self.classifier, self.cache, self.lookups, wanted)


# The same ones come again and again, and to make one takes as long as a part of its answer.
kind_of = lru_cache(maxsize=None)(Kind)


def next_size(size: int, took_s: float) -> int:
    """How much to take in the next slice so that it holds the loop for about the goal."""
    if took_s > SLICE_GOAL_S:
        return max(size // 2, SLICE_START)
    return min(size * 2, SLICE_MAX) if took_s < SLICE_GOAL_S / 4 else size
