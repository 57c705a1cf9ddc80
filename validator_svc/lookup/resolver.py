"""The resolver: texts in, finished NDJSON lines out, in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

from validator_svc.numbering.classify import Classifier
from validator_svc.numbering.facts import RequestType

# Classifying holds the event loop, so it goes in slices. A slice of clean numbers is done in well
# under a millisecond; one of dirty numbers goes through the slow way and may take fifty times that.
SLICE_START = 250
SLICE_MAX = 2_000
SLICE_GOAL_S = 0.005


class Resolver:
    """Resolves lists of texts; safe to share between requests."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    async def lines(
        self,
        texts: Sequence[str],
        request_type: RequestType,
        region_code: str | None = None,
        both_names: bool = False,
    ) -> AsyncIterator[bytes]:
        """NDJSON for `texts`, one line each, in order, in pieces of several lines."""
        size = SLICE_START
        start = 0
        while start < len(texts):
            began_s = time.perf_counter()
            piece = texts[start : start + size]
            yield self.classifier.lines(piece, request_type, region_code, both_names)
            start += len(piece)
            size = next_size(size, time.perf_counter() - began_s)
            await asyncio.sleep(0)


def next_size(size: int, took_s: float) -> int:
    """How many numbers to take in the next slice so that it holds the loop for about the goal."""
    if took_s > SLICE_GOAL_S:
        return max(size // 2, 10)
    return min(size * 2, SLICE_MAX) if took_s < SLICE_GOAL_S / 4 else size
