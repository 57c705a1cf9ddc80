"""Lines that somebody else completes: what the plan knows, and what was found out beside it.

Few things differ between what is found out of numbers of one class, so here too a line is made once,
by the record's own encoder, and written many times.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import orjson

from validator_svc.numbering.facts import unparsed
from validator_svc.numbering.plan.finish import LineFinisher
from validator_svc.numbering.plan.found import Found
from validator_svc.numbering.plan.render import (
    BYTES,
    DIGITS_MARK,
    TEXT_MARK,
    entry_of,
    marked_answer,
    marked_line,
)
from validator_svc.numbering.plan.tables import Entry
from validator_svc.numbering.record import Record, from_plan

# Kinds of answers are few, unless somebody makes them up; then it starts anew.
MAX_MADE = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A line made, and what its record says of how it came about."""

    entry: Entry
    source: str
    error_code: str
    cost: str


class CompletedLines:
    """Writes lines of one kind, for the offsets of one quarter hour."""

    def __init__(self, finisher: LineFinisher) -> None:
        self.finisher = finisher
        self.made: dict[Hashable, Made] = {}

    def made_for(
        self, found: Found, key: Hashable, complete: Callable[[Record, bool | None], Record]
    ) -> Made:
        """The line for a number found in the plan, completed by `complete`.

        `complete` gets the plan's record and the verdict of the operator's own risk list, and
        returns the record to write; it must do the same to all records for which `key` is equal.
        """
        verdicts = self.finisher.risk_list
        verdict = verdicts.verdict(found.digits) if verdicts.verdicts and found.digits else None
        made_key = (found.number_class, found.reason, verdict, key)
        made = self.made.get(made_key)
        if made is None:
            if len(self.made) >= MAX_MADE:
                self.made.clear()
            made = self.made[made_key] = self._make(found, verdict, complete)
        return made

    def _make(
        self, found: Found, verdict: bool | None, complete: Callable[[Record, bool | None], Record]
    ) -> Made:
        number_class = found.number_class
        answer = marked_answer(number_class) if number_class else unparsed(found.reason or "")
        marked = from_plan(TEXT_MARK, answer, self.finisher.quarter)
        if number_class is not None:
            marked.e164_format = f"+{DIGITS_MARK}"
        if verdict is not None:
            marked.risky_destination = verdict
        record = complete(marked, verdict)
        kind = self.finisher.kind
        entry = entry_of(marked_line(record, kind.request_type, kind.both_names))
        return Made(entry, record.source, record.error_code, record.cost)


def write(made: Made, text: str, digits: str) -> str:
    """The line for a text and its international digits; `render.BYTES` encodes it."""
    entry = made.entry
    line: str = entry[0](shown(text), digits, entry)
    return line


def shown(text: str) -> str:
    """The text as it stands in a JSON string, a character a byte."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return orjson.dumps(text)[1:-1].decode(BYTES)
