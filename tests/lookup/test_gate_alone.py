"""The gate by itself: who is let through, and what opens and shuts it."""

import pytest

from validator_svc.lookup.gate import FAILURES_IN_A_ROW, Gate, GateState, Pass
from validator_svc.lookup.live import NO_FUNDS, UPSTREAM_FAILED
from validator_svc.lookup.upstream import NoFundsError, RefusedError, UpstreamError

BROKE = UpstreamError("the upstream answers 500")
EMPTY = NoFundsError("the upstream account has no funds")


def passed(gate: Gate) -> Pass:
    given = gate.try_acquire()
    assert given is not None
    return given


def shut(gate: Gate, error: UpstreamError = BROKE) -> None:
    for _ in range(FAILURES_IN_A_ROW):
        if gate.state is GateState.OPEN:
            gate.failed(error, passed(gate))


def test_an_open_gate_lets_everybody_through() -> None:
    gate = Gate()
    assert not any(passed(gate).is_trial for _ in range(100))


def test_asking_takes_nothing() -> None:
    gate = Gate()
    shut(gate)
    gate.try_now()
    assert all(gate.is_passable for _ in range(100))
    assert passed(gate).is_trial


def test_one_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    gate = Gate()
    shut(gate)
    assert gate.try_acquire() is None
    gate.try_now()
    trial = passed(gate)
    assert gate.is_tried
    assert gate.try_acquire() is None
    gate.worked(trial)
    assert not gate.is_tried
    assert gate.state is GateState.OPEN


def test_a_trial_that_was_not_sent_is_given_back() -> None:
    gate = Gate()
    shut(gate)
    gate.try_now()
    gate.give_back(passed(gate))
    assert passed(gate).is_trial


def test_a_pass_that_is_given_back_late_is_not_anothers() -> None:
    gate = Gate()
    shut(gate)
    gate.try_now()
    first = passed(gate)
    gate.failed(BROKE, first)
    gate.try_now()
    passed(gate)
    gate.give_back(first)
    assert gate.is_tried


def test_a_trial_that_is_never_heard_of_does_not_keep_the_gate_shut() -> None:
    gate = Gate(operator_s=0)
    shut(gate)
    gate.try_now()
    passed(gate)
    assert passed(gate).is_trial


def test_what_was_asked_while_there_were_funds_does_not_open_the_gate() -> None:
    gate = Gate()
    before = passed(gate)
    gate.failed(EMPTY, passed(gate))
    gate.worked(before)
    gate.worked(None)
    assert gate.refusal == NO_FUNDS
    assert not gate.is_passable
    gate.try_now()
    gate.worked(passed(gate))
    assert gate.state is GateState.OPEN


def test_what_was_asked_before_an_operators_word_does_not_undo_it() -> None:
    gate = Gate()
    under_way = [passed(gate), passed(gate)]
    gate.failed(EMPTY, passed(gate))
    gate.try_now()
    gate.failed(EMPTY, under_way[0])
    gate.failed(EMPTY, None)
    gate.worked(passed(gate))
    gate.failed(EMPTY, under_way[1])
    gate.failed(EMPTY, None)
    assert gate.state is GateState.OPEN


def test_a_job_that_is_accepted_tells_that_the_upstream_is_back_but_not_of_funds() -> None:
    for error, state in ((BROKE, GateState.OPEN), (EMPTY, GateState.NO_FUNDS)):
        gate = Gate()
        shut(gate, error)
        gate.try_now()
        gate.accepted(passed(gate))
        assert gate.state is state


def test_requests_that_passed_before_it_shut_do_not_keep_it_shut_for_longer() -> None:
    gate = Gate()
    under_way = [passed(gate) for _ in range(FAILURES_IN_A_ROW + 20)]
    for given in under_way[:FAILURES_IN_A_ROW]:
        gate.failed(BROKE, given)
    until_s = gate._try_at_s
    for given in under_way[FAILURES_IN_A_ROW:]:
        gate.failed(BROKE, given)
    assert gate._try_at_s == until_s


@pytest.mark.parametrize(
    ("error", "code"),
    [(BROKE, UPSTREAM_FAILED), (RefusedError("401"), UPSTREAM_FAILED), (EMPTY, NO_FUNDS)],
)
def test_who_is_refused_is_told_why(error: UpstreamError, code: str) -> None:
    gate = Gate()
    shut(gate, error)
    assert gate.refusal == code
