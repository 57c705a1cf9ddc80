"""Whose lateness it was: the client's, or that of whoever it asks."""

import pytest

from loadtest.http_client import request_bytes
from loadtest.paced import CONNECTIONS, Sent, latencies, without_lateness
from tests.service import Service

TOOK_S = 0.001


def test_a_client_that_is_late_is_not_the_service() -> None:
    sent = [Sent(due_s, due_s + 5, due_s + 5 + TOOK_S) for due_s in (10.0, 11.0)]
    for late_s, latency_s in without_lateness(sent):
        assert (late_s, latency_s) == pytest.approx((5, TOOK_S))


def test_what_piles_up_behind_a_late_client_is_not_the_service() -> None:
    # All were due in a second in which the client did nothing; then it sends as connections become free.
    sent = [
        Sent(10 + at / 1_000, 11 + TOOK_S * (at // CONNECTIONS), 11 + TOOK_S * (at // CONNECTIONS + 1))
        for at in range(1_000)
    ]
    assert max(latency_s for _, latency_s in without_lateness(sent)) == pytest.approx(TOOK_S)


def test_requests_that_wait_for_the_service_are_late() -> None:
    # It answers nothing for a second, so that after some no connection is left to send the others on.
    sent = [Sent(10 + at / 1_000, 10 + at / 1_000, 11.0) for at in range(CONNECTIONS)]
    sent += [Sent(10 + at / 1_000, 11.0, 11.0 + TOOK_S) for at in range(CONNECTIONS, 2 * CONNECTIONS)]
    found = without_lateness(sent)
    assert [late_s for late_s, _ in found] == pytest.approx([0] * len(sent))
    assert [latency_s for _, latency_s in found] == pytest.approx([each.came_s - each.due_s for each in sent])


def test_a_service_is_asked_as_often_as_was_said(service: Service) -> None:
    found = latencies(service.port, request_bytes("GET", "/healthz"), per_s=400, seconds=0.5)
    assert [len(each) for each in found] == [200] * 3
    assert all(0 < service_s < 60 for service_s in found.service)
    assert found.measured[-1] >= found.service[0]
