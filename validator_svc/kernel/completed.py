"""Records that somebody completes: what the plan knows, and what was found out beside it.

Few things differ between what is found out of numbers of one record id, so here too what is constant
is made once, by the record's own encoder, and written many times.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from validator_svc.kernel.constants import ConstantsMaker
from validator_svc.kernel.interface import Pieces
from validator_svc.numbering.risk import RiskList
from validator_svc.record.record import Record

# Kinds of answers are few, unless somebody makes them up; then it starts anew.
MOST_MADE = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What is constant in a record, and what it says of how it came about."""

    pieces: Pieces
    source: str
    error_code: str
    cost: str


class CompletedLines:
    """What is constant in lines of one kind, for the offsets of one quarter hour."""

    def __init__(self, maker: ConstantsMaker, risk_list: RiskList) -> None:
        self.maker = maker
        self.risk_list = risk_list
        self.made: dict[Hashable, Made] = {}

    def verdict(self, digits: str) -> bool | None:
        """The verdict of the operator's own risk list on a number."""
        return self.risk_list.verdict(digits) if self.risk_list.verdicts and digits else None

    def made_for(
        self,
        record_id: int,
        verdict: bool | None,
        key: Hashable,
        complete: Callable[[Record, bool | None], Record],
    ) -> Made:
        """What is constant in the records of numbers with one record id and verdict, completed by `complete`.

        `complete` gets the plan's record and the verdict, and returns the record to write; it must do the
        same to all records for which `key` is equal.
        """
        made_key = (record_id, verdict, key)
        made = self.made.get(made_key)
        if made is None:
            if len(self.made) >= MOST_MADE:
                self.made.clear()
            record = complete(self.maker.marked(record_id, verdict), verdict)
            before, after_text, between, end = self.maker.apart(record)
            pieces = (before.encode(), after_text.encode(), between.encode(), f"{end}\n".encode())
            made = self.made[made_key] = Made(pieces, record.source, record.error_code, record.cost)
        return made
