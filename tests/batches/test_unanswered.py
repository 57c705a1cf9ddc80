"""Which rows wait to be asked again, told by records and by how their requests failed."""

import pytest

from validator_svc.batches.unanswered import WHY, Round, failed_as_a_whole
from validator_svc.lookup.circuit_breaker import BreakerState
from validator_svc.upstreams.outcome import Unanswered

LIVE = b'{"e164_format":"+1","error_code":"000","source":"wavix"}\n'
CACHED = b'{"e164_format":"+2","error_code":"000","source":"cache"}\n'
TIMED_OUT = b'{"e164_format":"+3","error_code":"041","source":"plan"}\n'
FAILED = b'{"e164_format":"+4","error_code":"042","source":"plan"}\n'
EMPTY = b'{"e164_format":"+5","error_code":"091","source":"plan"}\n'

ASKED_AGAIN = {"5": Unanswered.NOT_ASKED}
LOST = {"4": Unanswered.LOST}


def worked(lines: bytes, unanswered: dict[str, Unanswered], breaker: BreakerState) -> Round:
    return Round(lines, failed_as_a_whole(lines, unanswered), breaker)


def test_only_records_that_failed_are_of_requests_that_failed() -> None:
    lines = LIVE + FAILED + CACHED + EMPTY + FAILED
    every = dict.fromkeys("12345", Unanswered.NOT_ASKED)
    assert list(failed_as_a_whole(lines, every)) == [1, 3, 4]
    assert failed_as_a_whole(lines, {}) == {}


@pytest.mark.parametrize("breaker", BreakerState)
def test_what_was_not_asked_waits_beside_what_was_answered(breaker: BreakerState) -> None:
    round_ = worked(LIVE + FAILED + EMPTY + TIMED_OUT, ASKED_AGAIN, breaker)
    assert not round_.is_limited
    assert round_.waiting(may_be_repeated=True) == [2]


@pytest.mark.parametrize("breaker", [each for each in BreakerState if each is not BreakerState.CLOSED])
def test_while_the_breaker_is_open_what_was_not_asked_waits_for_ever(breaker: BreakerState) -> None:
    round_ = worked(EMPTY + EMPTY, ASKED_AGAIN, breaker)
    assert not round_.is_limited
    assert round_.waiting(may_be_repeated=False) == [0, 1]
    assert round_.why == WHY[breaker]


def test_rows_that_break_every_request_while_others_work_do_not_go_round_for_ever() -> None:
    round_ = worked(EMPTY, ASKED_AGAIN, BreakerState.CLOSED)
    assert round_.is_limited
    assert round_.waiting(may_be_repeated=True) == [0]
    assert round_.waiting(may_be_repeated=False) == []


def test_what_may_have_been_billed_stands_where_the_upstream_works() -> None:
    for lines in (LIVE + FAILED, TIMED_OUT + FAILED):
        round_ = worked(lines, LOST, BreakerState.CLOSED)
        assert not round_.waiting(may_be_repeated=True)


def test_what_may_have_been_billed_is_asked_again_only_so_often_when_it_is_away() -> None:
    for lines, breaker in ((FAILED, BreakerState.CLOSED), (LIVE + FAILED, BreakerState.BROKEN)):
        round_ = worked(lines, LOST, breaker)
        assert round_.is_limited
        assert round_.waiting(may_be_repeated=True) == [lines.count(b"\n") - 1]
        assert round_.waiting(may_be_repeated=False) == []


def test_where_the_breaker_has_opened_and_closed_meanwhile_the_upstream_was_away() -> None:
    failed = failed_as_a_whole(LIVE + FAILED, LOST)
    assert Round(LIVE + FAILED, failed, BreakerState.CLOSED, has_broken=True).waiting(
        may_be_repeated=True
    ) == [1]


def test_what_was_answered_with_503_waits_beside_what_was_answered_but_only_so_often() -> None:
    round_ = worked(LIVE + FAILED, {"4": Unanswered.UNAVAILABLE}, BreakerState.CLOSED)
    assert round_.is_limited
    assert round_.waiting(may_be_repeated=True) == [1]
    assert round_.waiting(may_be_repeated=False) == []


def test_a_number_that_timed_out_or_failed_by_itself_stands() -> None:
    assert worked(TIMED_OUT + FAILED, {}, BreakerState.BROKEN).waiting(may_be_repeated=True) == []


def test_it_is_said_that_funds_are_missing_also_when_the_breaker_has_closed_meanwhile() -> None:
    assert worked(LIVE + EMPTY, ASKED_AGAIN, BreakerState.CLOSED).why == WHY[BreakerState.NO_FUNDS]
