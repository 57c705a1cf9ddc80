"""A lookup batch: some texts of a request, on their way from the plan over the cache to paid answers."""

import asyncio
import contextlib
import time
from array import array
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.classify import Classifier, end_of_slice
from validator_svc.kernel.columns import NOWHERE, distinct
from validator_svc.kernel.interface import Columns
from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache, chosen, missing
from validator_svc.lookup.cached_answer import Kept, without_moment
from validator_svc.lookup.cancel import end
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.inflight import InFlightLookup
from validator_svc.lookup.outcome_lines import Answer, OutcomeLines
from validator_svc.lookup.payer import Payer, is_paid_by, outcome_for, twin
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.upstream_requests import NOBODY
from validator_svc.numbering.facts import RequestType
from validator_svc.turns import next_turn
from validator_svc.upstreams.outcome import CACHE, UPSTREAM_TIMEOUT, Outcome

# How long a request that has begun to be answered waits for a store that went away.
PATIENCE_S = 60.0
RETRY_S = 0.5
# Texts read in one go, by their size (see `end_of_slice`): how long the event loop is held.
SLICE = 128 * 1024 if HAS_NATIVE else 8 * 1024


class Wanted(NamedTuple):
    """What a request asks for every one of its numbers."""

    request_type: RequestType
    region_code: str | None = None
    both_names: bool = False
    not_before_ms: int = 0
    """No cached answer from before then (milliseconds since the epoch) will do."""
    deadline_s: float | None = None
    """When to answer at the latest, of the monotonic clock: what is not known by then has timed out."""
    payer: Payer | None = None
    """On whose account it goes; None: nobody has to be told."""
    owner: str = ""
    """The id of the key that it came with; owners take turns at the upstream."""
    shows_checked_at: bool = False
    """Whether cached answers tell when they were given."""


# The upstream may still answer, and its answer is kept then.
NOT_KNOWN_IN_TIME = Outcome(None, UPSTREAM_TIMEOUT, NOBODY)


class LookupBatch:
    """Answers its texts in order, each as soon as it and those before it are known.

    Begun by `start`; `close` gives up whatever is not needed any more.
    """

    def __init__(self, classifier: Classifier, cache: Cache, lookups: Dispatcher, wanted: Wanted) -> None:
        self.classifier = classifier
        self.cache = cache
        self.lookups = lookups
        self.wanted = wanted
        self.texts: Sequence[str] = ()
        self.found = Columns(array("i"), array("i"), [], array("Q"))
        """Where the texts stand in the plan."""
        self.numbers, self.places = distinct(self.found.numbers)
        """What has to be looked up. A number is known by its place from here on."""
        self.free: list[Kept | None] = []
        """By place what is told of a number as often as it comes: answers that were paid for before."""
        self.known: dict[int, Outcome] = {}
        """What may cost something, which is told once."""
        self.in_flight: dict[int, tuple[InFlightLookup, bool]] = {}
        self._writer: OutcomeLines | None = None
        self._waiting = contextlib.AsyncExitStack()
        self._opening: asyncio.Task[None] | None = None

    def start(self, texts: Sequence[str], turn: asyncio.Semaphore) -> None:
        """Begin, when its `turn` comes: read the texts, take what the cache has, look the rest up."""
        self._opening = asyncio.create_task(self._open(texts, turn))

    async def close(self) -> None:
        """End; numbers that nobody else waits for are not asked for if they were not yet."""
        if self._opening is not None:
            await end([self._opening])
        await self._waiting.aclose()
        for made, count in self._writer.counted.items() if self._writer else ():
            metrics.LOOKUPS.labels(self.wanted.request_type, made.source, made.error_code).inc(count)

    async def _open(self, texts: Sequence[str], turn: asyncio.Semaphore) -> None:
        async with turn:
            await self._read(texts)

    async def _read(self, texts: Sequence[str]) -> None:
        self.texts = texts
        end = 0
        while end < len(texts):
            start, end = end, end_of_slice(texts, end, SLICE)
            found = self.classifier.kernel.find(texts[start:end], self.wanted.region_code)
            self.found.extend(found)
            await next_turn()
        self.numbers, self.places = distinct(self.found.numbers)
        self.free = [None] * len(self.numbers)
        invalid = self.places.count(NOWHERE)
        metrics.SAVED.labels("invalid").inc(invalid)
        metrics.SAVED.labels("duplicate").inc(len(texts) - invalid - len(self.numbers))
        await self._look_up(range(len(self.numbers)))
        metrics.SAVED.labels("cached").inc(len(self.numbers) - len(self.in_flight))

    async def _look_up(self, places: Sequence[int]) -> None:
        request_type, not_before_ms = self.wanted.request_type, self.wanted.not_before_ms
        is_all = len(places) == len(self.numbers)
        numbers = self.numbers if is_all else chosen(self.numbers, places)
        try:
            found = await self.cache.answers(request_type, numbers, not_before_ms)
        except STORE_ERRORS as error:
            raise StoreAwayError(error) from None
        if is_all and self.wanted.payer is None:
            self.free = found
        else:
            self._take(places, found)
        if rows := missing(found):
            await self._wait_for([places[row] for row in rows])

    def _take(self, places: Sequence[int], found: Sequence[Kept | None]) -> None:
        """Take what the cache had."""
        payer = self.wanted.payer
        for place, kept in zip(places, found, strict=True):
            if kept is not None and is_paid_by(payer, kept):
                self.known[place] = self._outcome_of(kept)
            elif kept is not None:
                self.free[place] = kept

    async def _wait_for(self, places: Sequence[int]) -> None:
        """Have numbers looked up."""
        asked = {str(self.numbers[place]): place for place in places}
        request_type, not_before_ms = self.wanted.request_type, self.wanted.not_before_ms
        waiting = self.lookups.waiting_for(
            request_type, asked, not_before_ms, self.wanted.payer, self.wanted.owner
        )
        in_flight = await self._waiting.enter_async_context(waiting)
        self.in_flight |= {asked[digits]: lookup for digits, lookup in in_flight.items()}

    def _outcome_of(self, kept: Kept) -> Outcome:
        return self._lasting(outcome_for(self.wanted.payer, kept))

    def _lasting(self, outcome: Outcome) -> Outcome:
        """The outcome without what must not be stored: the records of a batch are."""
        if self.wanted.payer is None or self.cache.moment_ttl_s or outcome.answer is None:
            return outcome
        return outcome._replace(answer=without_moment(outcome.answer))

    async def lines(self, patient: bool) -> AsyncGenerator[bytes, None]:
        """One NDJSON line a text, in order, in pieces that grow while nothing has to be waited for.

        Raises StoreAwayError when the store is away: at once, or if `patient` when it stays so.
        """
        await self._opened(patient)
        request_type, region_code, both_names, *_ = self.wanted
        completed = self.classifier.completed(request_type, region_code, both_names)
        kernel, shows_checked_at = self.classifier.kernel, self.wanted.shows_checked_at
        # The records of a batch are stored, and tell of their moment only while that is allowed.
        is_stored = request_type == "validation" and self.wanted.payer is not None
        self._writer = OutcomeLines(kernel, completed, self._outcome_of, shows_checked_at, is_stored)
        # The last one is of NOWHERE.
        answers: list[Answer] = list(map([*self.free, None].__getitem__, self.places))
        written = 0
        for row in self._not_free(answers):
            outcome = self._told(self.places[row])
            if outcome is None:
                if written < row:
                    yield self._written(self._writer, answers, written, row)
                    written = row
                outcome = await self._waited(self.places[row])
            answers[row] = outcome
        if written < len(self.texts):
            yield self._written(self._writer, answers, written, len(self.texts))

    def _not_free(self, answers: Sequence[Answer]) -> list[int]:
        """The rows whose outcomes have to be asked for one by one."""
        if not self.known and not self.in_flight:
            return []
        rows = zip(self.places, answers, strict=True)
        return [row for row, (place, answer) in enumerate(rows) if place != NOWHERE and answer is None]

    def _written(self, writer: OutcomeLines, answers: Sequence[Answer], start: int, stop: int) -> bytes:
        """The records of some rows."""
        rows = slice(start, stop)
        return writer.lines(self.texts[rows], self.found.part(rows), answers[rows])

    def _told(self, place: int) -> Outcome | None:
        """The outcome if it is there by now. The first of equal numbers carries its cost, the others none."""
        outcome = self.known.get(place)
        if outcome is None:
            kept = self.free[place]
            outcome = self._done(place) if kept is None else self._outcome_of(kept)
        if outcome is None:
            return None
        outcome = self._lasting(outcome)
        if outcome.source != CACHE:
            self.known[place] = twin(outcome)
        payer = self.wanted.payer
        return outcome if payer is None else payer.told(str(self.numbers[place]), outcome)

    def _done(self, place: int) -> Outcome | None:
        lookup, pays = self.in_flight[place]
        if not lookup.outcome.done() or is_broken_off(lookup):
            return None
        outcome = lookup.outcome.result()
        return outcome if pays else twin(outcome)

    async def _waited(self, place: int) -> Outcome:
        """The outcome once it is there, or its time is over.

        What the store's absence broke off is looked up anew.
        """
        try:
            async with asyncio.timeout(self._left_s()):
                while (outcome := self._told(place)) is None:
                    try:
                        await asyncio.shield(self.in_flight[place][0].outcome)
                    except StoreAwayError:
                        await self._retried(self._broken_off())
                return outcome
        except TimeoutError:
            return self._so_far(place)

    def _so_far(self, place: int) -> Outcome:
        """What is known when the time is over: perhaps an answer that another supplier is to fill in."""
        lookup, pays = self.in_flight[place]
        if lookup.first is None:
            return NOT_KNOWN_IN_TIME
        outcome = self._lasting(lookup.first.outcome)
        self.known[place] = twin(outcome)
        return outcome if pays else twin(outcome)

    def _left_s(self) -> float | None:
        """Seconds until the answer is due; None: whenever it comes."""
        return None if self.wanted.deadline_s is None else self.wanted.deadline_s - time.monotonic()

    def _broken_off(self) -> list[int]:
        return [
            place
            for place, (lookup, _) in self.in_flight.items()
            if place not in self.known and self.free[place] is None and is_broken_off(lookup)
        ]

    async def _opened(self, patient: bool) -> None:
        assert self._opening is not None
        try:
            await self._opening
        except StoreAwayError:
            if not patient:
                raise
            await self._retried(range(len(self.numbers)))

    async def _retried(self, places: Sequence[int]) -> None:
        """Look up as soon as the store is back. Raises StoreAwayError when it stays away."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            await asyncio.sleep(RETRY_S)
            try:
                return await self._look_up(places)
            except StoreAwayError:
                if time.monotonic() > deadline_s:
                    raise


def is_broken_off(lookup: InFlightLookup) -> bool:
    """Whether it ended without an outcome, as the store went away."""
    return lookup.outcome.done() and lookup.outcome.exception() is not None
