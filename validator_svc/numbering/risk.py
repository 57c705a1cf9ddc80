"""Ranges that traffic pumping uses: expensive to reach, and easy to earn from.

Risky by themselves are premium-rate, shared-cost and personal numbers, and the calling codes of
satellite systems and international networks (ITU-T E.164 lists them). An operator's own list of
prefixes goes before that.
"""

import re
from typing import NamedTuple

from validator_svc.numbering import facts
from validator_svc.numbering.facts import PlanAnswer

RISKY_LINE_TYPES = frozenset({facts.PREMIUM_RATE, facts.SHARED_COST, facts.PERSONAL})
RISKY_CALLING_CODES = frozenset({808, 870, 878, 881, 882, 883, 979})

ENTRY = re.compile(r"(?:(allow|risky)\s+)?\+?([0-9]{1,15})", re.IGNORECASE)


class RiskList(NamedTuple):
    """An operator's own verdicts by prefix of the international number; the longest prefix wins."""

    verdicts: dict[str, bool]
    """Digits of the prefix, calling code first, to True (risky) or False (allowed)."""

    def verdict(self, digits: str) -> bool | None:
        """True (risky), False (allowed), or None where no prefix of the list fits `digits`."""
        for length in range(min(len(digits), 15), 0, -1) if self.verdicts else ():
            if (verdict := self.verdicts.get(digits[:length])) is not None:
                return verdict
        return None


NO_LIST = RiskList({})


def parse_risk_list(text: str) -> RiskList:
    """Read a list: a prefix a line such as `+8821`, `risky +8821` or `allow +88213`; `#` comments.

    Raises ValueError naming the line that is none of these, or that contradicts an earlier one.
    """
    verdicts: dict[str, bool] = {}
    for line_number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        entry = ENTRY.fullmatch(content)
        if entry is None:
            raise ValueError(f"line {line_number}: expected a prefix such as +8821 or allow +88213")
        risky = (entry[1] or "risky").lower() == "risky"
        if verdicts.setdefault(entry[2], risky) is not risky:
            raise ValueError(f"line {line_number}: prefix +{entry[2]} is both risky and allowed")
    return RiskList(verdicts)


def is_risky(answer: PlanAnswer, risk_list: RiskList = NO_LIST) -> bool | None:
    """Whether the number's range is risky; None for an invalid number that the list does not name."""
    if risk_list.verdicts and answer.calling_code:
        verdict = risk_list.verdict(answer.e164[1:])
        if verdict is not None:
            return verdict
    if answer.facts.reason is not None:
        return None
    return answer.facts.line_type in RISKY_LINE_TYPES or answer.calling_code in RISKY_CALLING_CODES
