"""The breaker by itself: who is let through, and what closes and opens it."""

import pytest

from validator_svc.lookup.circuit_breaker import FAILURES_IN_A_ROW, BreakerState, CircuitBreaker, Pass
from validator_svc.upstreams.errors import NoFundsError, RefusedError, UpstreamError
from validator_svc.upstreams.outcome import NO_FUNDS, UPSTREAM_FAILED

BROKE = UpstreamError("the upstream answers 500")
EMPTY = NoFundsError("the upstream account has no funds")


def passed(breaker: CircuitBreaker) -> Pass:
    given = breaker.try_acquire()
    assert given is not None
    return given


def open_it(breaker: CircuitBreaker, error: UpstreamError = BROKE) -> None:
    for _ in range(FAILURES_IN_A_ROW):
        if breaker.state is BreakerState.CLOSED:
            breaker.failed(error, passed(breaker))


def test_a_closed_breaker_lets_everybody_through() -> None:
    breaker = CircuitBreaker()
    assert not any(passed(breaker).is_trial for _ in range(100))


def test_asking_takes_nothing() -> None:
    breaker = CircuitBreaker()
    open_it(breaker)
    breaker.try_now()
    assert all(breaker.is_passable for _ in range(100))
    assert passed(breaker).is_trial


def test_one_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    breaker = CircuitBreaker()
    open_it(breaker)
    assert breaker.try_acquire() is None
    breaker.try_now()
    trial = passed(breaker)
    assert breaker.is_tried
    assert breaker.try_acquire() is None
    breaker.worked(trial)
    assert not breaker.is_tried
    assert breaker.state is BreakerState.CLOSED


def test_a_trial_that_was_not_sent_is_given_back() -> None:
    breaker = CircuitBreaker()
    open_it(breaker)
    breaker.try_now()
    breaker.give_back(passed(breaker))
    assert passed(breaker).is_trial


def test_a_pass_that_is_given_back_late_is_not_anothers() -> None:
    breaker = CircuitBreaker()
    open_it(breaker)
    breaker.try_now()
    first = passed(breaker)
    breaker.failed(BROKE, first)
    breaker.try_now()
    passed(breaker)
    breaker.give_back(first)
    assert breaker.is_tried


def test_a_trial_that_is_never_heard_of_does_not_keep_the_breaker_open() -> None:
    breaker = CircuitBreaker(operator_s=0)
    open_it(breaker)
    breaker.try_now()
    passed(breaker)
    assert passed(breaker).is_trial


def test_what_was_asked_while_there_were_funds_does_not_close_the_breaker() -> None:
    breaker = CircuitBreaker()
    before = passed(breaker)
    breaker.failed(EMPTY, passed(breaker))
    breaker.worked(before)
    breaker.worked(None)
    assert breaker.refusal == NO_FUNDS
    assert not breaker.is_passable
    breaker.try_now()
    breaker.worked(passed(breaker))
    assert breaker.state is BreakerState.CLOSED


def test_what_was_asked_before_an_operators_word_does_not_undo_it() -> None:
    breaker = CircuitBreaker()
    under_way = [passed(breaker), passed(breaker)]
    breaker.failed(EMPTY, passed(breaker))
    breaker.try_now()
    breaker.failed(EMPTY, under_way[0])
    breaker.failed(EMPTY, None)
    breaker.worked(passed(breaker))
    breaker.failed(EMPTY, under_way[1])
    breaker.failed(EMPTY, None)
    assert breaker.state is BreakerState.CLOSED


def test_a_job_that_is_accepted_tells_that_the_upstream_is_back_but_not_of_funds() -> None:
    for error, state in ((BROKE, BreakerState.CLOSED), (EMPTY, BreakerState.NO_FUNDS)):
        breaker = CircuitBreaker()
        open_it(breaker, error)
        breaker.try_now()
        breaker.accepted(passed(breaker))
        assert breaker.state is state


def test_requests_that_passed_before_it_opened_do_not_keep_it_open_for_longer() -> None:
    breaker = CircuitBreaker()
    under_way = [passed(breaker) for _ in range(FAILURES_IN_A_ROW + 20)]
    for given in under_way[:FAILURES_IN_A_ROW]:
        breaker.failed(BROKE, given)
    until_s = breaker._try_at_s
    for given in under_way[FAILURES_IN_A_ROW:]:
        breaker.failed(BROKE, given)
    assert breaker._try_at_s == until_s


@pytest.mark.parametrize(
    ("error", "code"),
    [(BROKE, UPSTREAM_FAILED), (RefusedError("401"), UPSTREAM_FAILED), (EMPTY, NO_FUNDS)],
)
def test_who_is_refused_is_told_why(error: UpstreamError, code: str) -> None:
    breaker = CircuitBreaker()
    open_it(breaker, error)
    assert breaker.refusal == code
