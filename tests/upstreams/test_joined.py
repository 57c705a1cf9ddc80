"""A live answer joined to what the plan knows: which line it is where the plan does not tell."""

import pytest

from validator_svc.numbering import facts
from validator_svc.record.record import Record
from validator_svc.upstreams.outcome import LiveAnswer, Outcome, joined

TOLD = {
    facts.MOBILE: facts.MOBILE,
    facts.LANDLINE: facts.LANDLINE,
    facts.VOIP: facts.VOIP,
    # What the plan's own ranges say is not what a live source makes of it.
    facts.TOLL_FREE: facts.LANDLINE_OR_MOBILE,
    None: facts.LANDLINE_OR_MOBILE,
}


@pytest.mark.parametrize("live", TOLD)
def test_a_live_source_tells_what_the_plan_does_not(live: str | None) -> None:
    answer = Outcome(LiveAnswer(0, is_valid=True, line_type=live), None, "any")
    undecided = Record("1", is_valid=True, phone_type=facts.LANDLINE_OR_MOBILE)
    assert joined(undecided, answer, None).phone_type == TOLD[live]
    decided = Record("1", is_valid=True, phone_type=facts.MOBILE)
    assert joined(decided, answer, None).phone_type == facts.MOBILE
