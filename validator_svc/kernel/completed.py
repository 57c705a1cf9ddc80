"""Records that somebody completes: what the plan knows, and what was found out beside it.

Few things differ between what is found out of numbers of one record id, so here too what is constant
is made once, by the record's own encoder, and written many times.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from validator_svc.kernel.constants import Constants, ConstantsMaker
from validator_svc.kernel.walk import Format
from validator_svc.kernel.writer import shown_in_json
from validator_svc.numbering.record import Record
from validator_svc.numbering.risk import RiskList

# Kinds of answers are few, unless somebody makes them up; then it starts anew.
MOST_MADE = 100_000


class Found(NamedTuple):
    """A number's place in the numbering plan."""

    record_id: int
    shape: int
    digits: str
    """International digits, without a national prefix; empty where there is no number."""
    reason: str | None
    """None when valid, otherwise one of `facts.REASONS`."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What is constant in a record, and what it says of how it came about."""

    constants: Constants
    source: str
    error_code: str
    cost: str


class CompletedLines:
    """Writes lines of one kind, for the offsets of one quarter hour."""

    def __init__(self, maker: ConstantsMaker, risk_list: RiskList, formats: Sequence[Format]) -> None:
        self.maker = maker
        self.risk_list = risk_list
        self.formats = formats
        self.made: dict[Hashable, Made] = {}

    def made_for(
        self, found: Found, key: Hashable, complete: Callable[[Record, bool | None], Record]
    ) -> Made:
        """What is constant in the record of a number, completed by `complete`.

        `complete` gets the plan's record and the verdict of the operator's own risk list, and
        returns the record to write; it must do the same to all records for which `key` is equal.
        """
        has_verdict = self.risk_list.verdicts and found.digits
        verdict = self.risk_list.verdict(found.digits) if has_verdict else None
        made_key = (found.record_id, verdict, key)
        made = self.made.get(made_key)
        if made is None:
            if len(self.made) >= MOST_MADE:
                self.made.clear()
            record = complete(self.maker.marked(found.record_id, verdict), verdict)
            made = Made(self.maker.apart(record), record.source, record.error_code, record.cost)
            self.made[made_key] = made
        return made

    def line(self, made: Made, text: str, found: Found) -> str:
        """The record of a text as a line of NDJSON, with its line end."""
        before, after_text, between, end = made.constants
        digits = found.digits
        national_format = self.formats[found.shape](digits) if digits else ""
        return f"{before}{shown_in_json(text)}{after_text}{digits}{between}{national_format}{end}\n"
