"""A window: some numbers of a request, on their way from the plan over the cache to paid answers."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from validator_svc.kernel.classify import Classifier, end_of_slice
from validator_svc.kernel.completed import CompletedLines, Made, Row
from validator_svc.lookup import metrics
from validator_svc.lookup.answer_cache import Cache
from validator_svc.lookup.cached_answer import Kept, without_moment
from validator_svc.lookup.cancel import end
from validator_svc.lookup.dispatcher import Dispatcher
from validator_svc.lookup.inflight import InFlightLookup
from validator_svc.lookup.payer import Payer, outcome_for, twin
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.lookup.upstream_requests import NOBODY
from validator_svc.numbering.facts import RequestType
from validator_svc.record.finished import with_checked_at
from validator_svc.record.record import Record
from validator_svc.turns import next_turn
from validator_svc.upstreams.outcome import CACHE, UPSTREAM_TIMEOUT, Outcome, joined

# How long a request that has begun to be answered waits for a store that went away.
PATIENCE_S = 60.0
RETRY_S = 0.5
# Texts read in one go, by their size (see `end_of_slice`): how long the event loop is held.
SLICE = 8 * 1024


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


def completion(outcome: Outcome | None) -> tuple[Hashable, Callable[[Record, bool | None], Record]]:
    """How an outcome completes a record, and a key that is equal where it does so alike."""
    if outcome is None:
        return None, as_it_is
    answer = outcome.answer
    # When an answer was given stands in no record.
    key = (answer and answer[1:], outcome.failure, outcome.source, outcome.cost)
    return key, lambda record, listed_risk: joined(record, outcome, listed_risk)


def as_it_is(record: Record, listed_risk: bool | None) -> Record:
    """The record of a number that needs no lookup."""
    return record


class MadeFor:
    """What is constant in the records of outcomes; of one that comes again it is not asked again."""

    def __init__(self, completed: CompletedLines, shows_checked_at: bool) -> None:
        self.completed = completed
        self.shows_checked_at = shows_checked_at
        self.has_list = bool(completed.risk_list.verdicts)
        # By identity, which is much faster; the outcomes are kept, so that no other can have theirs.
        self.made: dict[tuple[int, int], tuple[Outcome | None, Made]] = {}

    def __call__(self, record_id: int, digits: str, outcome: Outcome | None) -> Made:
        if self.has_list:
            return self._made(record_id, self.completed.verdict(digits), outcome)
        key = (record_id, id(outcome))
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = (outcome, self._made(record_id, None, outcome))
        return found[1]

    def _made(self, record_id: int, verdict: bool | None, outcome: Outcome | None) -> Made:
        made = self.completed.made_for(record_id, verdict, *completion(outcome))
        if not self.shows_checked_at or outcome is None or outcome.answer is None or outcome.source != CACHE:
            return made
        before, after_text, between, end = made.pieces
        end = with_checked_at(end, outcome.answer.at_ms)
        return replace(made, pieces=(before, after_text, between, end))


def outcomes_for(payer: Payer | None, found: Mapping[str, Kept]) -> dict[str, Outcome]:
    """The outcomes for cached answers; one for all numbers that share an answer."""
    shared: dict[int, Outcome] = {}
    outcomes: dict[str, Outcome] = {}
    for digits, cached in found.items():
        outcome = shared.get(id(cached))
        if outcome is None:
            outcome = shared[id(cached)] = outcome_for(payer, cached)
        outcomes[digits] = outcome
    return outcomes


class LookupBatch:
    """Answers its texts in order, each as soon as it and those before it are known.

    Begun by `start`; `close` gives up whatever is not needed any more.
    """

    def __init__(self, classifier: Classifier, cache: Cache, lookups: Dispatcher, wanted: Wanted) -> None:
        self.classifier = classifier
        self.cache = cache
        self.lookups = lookups
        self.wanted = wanted
        self.rows: list[Row] = []
        self.known: dict[str, Outcome] = {}
        self.tickets: dict[str, tuple[InFlightLookup, bool]] = {}
        self.counted: Counter[Made] = Counter()
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
        for made, count in self.counted.items():
            metrics.LOOKUPS.labels(self.wanted.request_type, made.source, made.error_code).inc(count)

    async def _open(self, texts: Sequence[str], turn: asyncio.Semaphore) -> None:
        async with turn:
            await self._read(texts)

    async def _read(self, texts: Sequence[str]) -> None:
        end = 0
        while end < len(texts):
            start, end = end, end_of_slice(texts, end, SLICE)
            self.rows += self.classifier.find_all(texts[start:end], self.wanted.region_code)
            await next_turn()
        valid = self._valid()
        numbers = dict.fromkeys(valid)
        metrics.SAVED.labels("invalid").inc(len(texts) - len(valid))
        metrics.SAVED.labels("duplicate").inc(len(valid) - len(numbers))
        await self._look_up(numbers)
        metrics.SAVED.labels("cached").inc(len(self.known))

    def _valid(self) -> list[str]:
        return [digits for _, _, _, digits, reason in self.rows if reason is None]

    async def _look_up(self, numbers: Iterable[str]) -> None:
        wanted = list(numbers)
        request_type, not_before_ms = self.wanted.request_type, self.wanted.not_before_ms
        payer = self.wanted.payer
        try:
            found = await self.cache.read(request_type, wanted, not_before_ms)
        except STORE_ERRORS as error:
            raise StoreAwayError(error) from None
        self.known |= outcomes_for(payer, found)
        missing = [digits for digits in wanted if digits not in found]
        if missing:
            waiting = self.lookups.waiting_for(request_type, missing, not_before_ms, payer, self.wanted.owner)
            self.tickets |= await self._waiting.enter_async_context(waiting)

    async def lines(self, patient: bool) -> AsyncGenerator[bytes, None]:
        """One NDJSON line a text, in order, in pieces that grow while nothing has to be waited for.

        Raises StoreAwayError when the store is away: at once, or if `patient` when it stays so.
        """
        await self._opened(patient)
        request_type, region_code, both_names, *_ = self.wanted
        completed = self.classifier.completed(request_type, region_code, both_names)
        made_for = MadeFor(completed, self.wanted.shows_checked_at)
        made: list[Made] = []
        written = 0
        for _, record_id, _, digits, reason in self.rows:
            outcome = None
            if reason is None:
                outcome = self._told(digits)
                if outcome is None:
                    if written < len(made):
                        yield completed.lines(self.rows[written : len(made)], made[written:])
                        written = len(made)
                    outcome = await self._waited(digits)
            made.append(made_for(record_id, digits, outcome))
        self.counted.update(made)
        if written < len(made):
            yield completed.lines(self.rows[written:], made[written:])

    def _told(self, digits: str) -> Outcome | None:
        """The outcome if it is there by now. The first of equal numbers carries its cost, the others none."""
        outcome = self.known.get(digits) or self._done(digits)
        if outcome is None:
            return None
        if self.wanted.payer is not None and not self.cache.moment_ttl_s and outcome.answer is not None:
            # The records of a batch are stored.
            outcome = outcome._replace(answer=without_moment(outcome.answer))
        if outcome.source != CACHE:
            self.known[digits] = twin(outcome)
        return outcome if self.wanted.payer is None else self.wanted.payer.told(digits, outcome)

    def _done(self, digits: str) -> Outcome | None:
        ticket, pays = self.tickets[digits]
        if not ticket.outcome.done() or ticket.outcome.exception() is not None:
            return None
        outcome = ticket.outcome.result()
        return outcome if pays else twin(outcome)

    async def _waited(self, digits: str) -> Outcome:
        """The outcome once it is there, or its time is over.

        What the store's absence broke off is looked up anew.
        """
        try:
            async with asyncio.timeout(self._left_s()):
                while (outcome := self._told(digits)) is None:
                    try:
                        await asyncio.shield(self.tickets[digits][0].outcome)
                    except StoreAwayError:
                        await self._retried(self._broken_off())
                return outcome
        except TimeoutError:
            return NOT_KNOWN_IN_TIME

    def _left_s(self) -> float | None:
        """Seconds until the answer is due; None: whenever it comes."""
        return None if self.wanted.deadline_s is None else self.wanted.deadline_s - time.monotonic()

    def _broken_off(self) -> list[str]:
        return [
            digits
            for digits, (ticket, _) in self.tickets.items()
            if digits not in self.known and ticket.outcome.done() and ticket.outcome.exception() is not None
        ]

    async def _opened(self, patient: bool) -> None:
        assert self._opening is not None
        try:
            await self._opening
        except StoreAwayError:
            if not patient:
                raise
            await self._retried(dict.fromkeys(self._valid()))

    async def _retried(self, numbers: Iterable[str]) -> None:
        """Look up as soon as the store is back. Raises StoreAwayError when it stays away."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            await asyncio.sleep(RETRY_S)
            try:
                return await self._look_up(numbers)
            except StoreAwayError:
                if time.monotonic() > deadline_s:
                    raise
