"""Reading the upstream's answers: tolerant of both generations of its names, strict about their meaning."""

import re
from collections.abc import Iterable, Mapping

from validator_svc.moments import now_ms
from validator_svc.numbering import facts
from validator_svc.upstreams.errors import MalformedReplyError
from validator_svc.upstreams.fields import digits_of, flag, money, network_code, text
from validator_svc.upstreams.outcome import (
    FAILURES,
    NO_FUNDS,
    UPSTREAM_FAILED,
    LiveAnswer,
    Outcome,
    Unanswered,
)
from validator_svc.upstreams.protocol import Reply

NAME = "wavix"
TELLS = frozenset({"ported", "mcc", "mnc", "line_type", "current_carrier", "risky"})
TELLS_NOW = frozenset({"reachable", "roaming"})
"""Of a validation."""

FINE, WRONG_FORMAT = "000", "021"
LINE_TYPES = frozenset(facts.LINE_TYPES)
JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


def read_reply(document: Mapping[str, object], asked: Iterable[str]) -> Reply:
    """Read the answer to a synchronous request or to a poll.

    Raises MalformedReplyError when it is no list of answers.
    """
    items = document.get("items")
    pending = document.get("pending", 0)
    if not isinstance(items, list) or type(pending) is not int or pending < 0:
        raise MalformedReplyError("expected items and pending")
    wanted = frozenset(asked)
    at_ms = now_ms()
    outcomes: dict[str, Outcome] = {}
    for item in items:
        if isinstance(item, dict):
            digits = digits_of(item.get("phone_number"))
            if digits in wanted and digits not in outcomes:
                outcomes[digits] = outcome(item, at_ms)
    return Reply(outcomes, pending)


def read_job_id(document: Mapping[str, object]) -> str:
    """The id of an accepted asynchronous request. Raises MalformedReplyError without one."""
    job_id = document.get("request_uuid") or document.get("request_id")
    # The id becomes part of a URL: nothing but what ids are made of may get there.
    if not isinstance(job_id, str) or not JOB_ID.fullmatch(job_id):
        raise MalformedReplyError("expected a request_uuid")
    return job_id


def outcome(item: Mapping[str, object], at_ms: int) -> Outcome:
    """One item of a reply of that moment: an answer, or a coded failure if it says so or makes no sense."""
    code = error_code(item.get("error_code", FINE))
    cost = money(item.get("cost", item.get("charge")))
    if code in FAILURES:
        unanswered = Unanswered.NOT_ASKED if code == NO_FUNDS else None
        return Outcome(None, code, NAME, cost, unanswered)
    is_valid = item.get("is_valid", item.get("valid"))
    if code not in (FINE, WRONG_FORMAT) or not isinstance(is_valid, bool):
        return Outcome(None, UPSTREAM_FAILED, NAME, cost)
    if not is_valid:
        return Outcome(LiveAnswer(at_ms, is_valid=False), None, NAME, cost)
    line_type = text(item.get("phone_type", item.get("number_type")))
    answer = LiveAnswer(
        at_ms=at_ms,
        is_valid=True,
        ported=flag(item.get("ported")),
        mcc=network_code(item.get("mcc"), 3),
        mnc=network_code(item.get("mnc"), 2),
        line_type=line_type if line_type in LINE_TYPES else None,
        current_carrier=text(item.get("carrier_name")),
        risky=flag(item.get("risky_destination")),
        reachable=flag(item.get("reachable")),
        roaming=flag(item.get("roaming")),
    )
    return Outcome(answer, None, NAME, cost)


def error_code(value: object) -> str:
    """An error code in its three digits, as a JSON number too; "" for what is no code."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return f"{value:03}" if isinstance(value, int) else value
