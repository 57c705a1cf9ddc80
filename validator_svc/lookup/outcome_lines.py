"""Records of rows, completed with what their lookups came to: many at once, as most of them are alike."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from validator_svc.kernel.completed import CompletedLines, Made
from validator_svc.kernel.interface import Columns, Kernel
from validator_svc.lookup.cached_answer import Kept, has_moment
from validator_svc.record.finished import with_checked_at
from validator_svc.record.record import Record
from validator_svc.upstreams.outcome import CACHE, Outcome, joined

Answer = Kept | Outcome | None
"""What is told of a number: a cached answer, what its lookup came to, or None for one that needs none."""


class OutcomeLines:
    """Writes the records of rows with their answers, and counts them."""

    def __init__(
        self,
        kernel: Kernel,
        completed: CompletedLines,
        outcome_of: Callable[[Kept], Outcome],
        shows_checked_at: bool = False,
        is_stored: bool = False,
    ) -> None:
        """`outcome_of`: as what a cached answer is told.

        `shows_checked_at`: whether it tells when it was given. `is_stored`: the records are kept, so that
        all tell this that say something of their moment.
        """
        self.kernel = kernel
        self.completed = completed
        self.outcome_of = outcome_of
        self.shows_checked_at = shows_checked_at
        self.is_stored = is_stored
        self.counted: Counter[Made] = Counter()

    def lines(self, texts: Sequence[str], found: Columns, answers: Sequence[Answer]) -> bytes:
        """NDJSON of rows: their texts, where these stand in the plan, and what is told of each."""
        has_list = bool(self.completed.risk_list.verdicts)
        verdicts = [*map(self.completed.verdict, found.digits)] if has_list else [None] * len(texts)
        groups, firsts, sizes = self.kernel.alike(found.records, verdicts, answers)
        made = [self._make(found.records[row], verdicts[row], answers[row]) for row in firsts]
        for each, size in zip(made, sizes, strict=True):
            self.counted[each] += size
        return self.kernel.join(texts, found.shapes, found.digits, groups, [each.pieces for each in made])

    def _make(self, record_id: int, verdict: bool | None, answer: Answer) -> Made:
        outcome = self.outcome_of(answer) if isinstance(answer, Kept) else answer
        made = self.completed.made_for(record_id, verdict, *completion(outcome))
        if outcome is None or outcome.answer is None:
            return made
        is_shown = self.shows_checked_at and outcome.source == CACHE
        if not is_shown and not (self.is_stored and has_moment(outcome.answer)):
            return made
        before, after_text, between, end = made.pieces
        end = with_checked_at(end, outcome.answer.at_ms)
        return replace(made, pieces=(before, after_text, between, end))


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
