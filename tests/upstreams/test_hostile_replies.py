"""Whatever a supplier sends: no row is lost, no value is of a wrong type or beyond its bounds."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator_svc.lookup.cached_answer import (
    Kept,
    packed,
    packed_moment,
    unpacked,
    with_moment,
    without_moment,
)
from validator_svc.lookup.money import nano
from validator_svc.upstreams.errors import MalformedReplyError
from validator_svc.upstreams.fields import money
from validator_svc.upstreams.http import json_object
from validator_svc.upstreams.one_number import Read
from validator_svc.upstreams.outcome import FAILURES, Outcome
from validator_svc.upstreams.rate_limit import retry_after_s
from validator_svc.upstreams.signalwire import mapping as signalwire
from validator_svc.upstreams.telnyx import mapping as telnyx
from validator_svc.upstreams.twilio import mapping as twilio
from validator_svc.upstreams.wavix.mapping import read_job_id, read_reply

ASKED = ["6281200000000", "6281200000001"]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["000", "021", "091", "1e-999999", "0.01", "9" * 300, "mobile", "510", "-1", "1E+9", ""]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    *(
        "is_valid",
        "valid",
        "error_code",
        "cost",
        "charge",
        "ported",
        "mcc",
        "mnc",
        "phone_type",
        "number_type",
    ),
    *("carrier_name", "risky_destination", "reachable", "roaming"),
)
ITEMS = st.fixed_dictionaries(
    {"phone_number": st.sampled_from(ASKED) | ANYTHING},
    optional={name: ANYTHING | st.just(value) for name in NAMES for value in ("000", True)},
)
REPLIES = ANYTHING | st.fixed_dictionaries(
    {"items": ANYTHING | st.lists(ITEMS | ANYTHING, max_size=3)}, optional={"pending": ANYTHING}
)


def assert_sound(outcome: Outcome) -> None:
    """It has either an answer that can be kept and read again, or a failure that has a code."""
    assert len(outcome.cost) < 20
    assert 0 <= nano(outcome.cost) <= 10**12
    if outcome.answer is None:
        assert outcome.failure in FAILURES
        return
    assert outcome.failure is None
    kept = Kept(without_moment(outcome.answer), outcome.source, outcome.cost, "a-batch:1")
    assert unpacked(packed(kept)) == kept
    moment = packed_moment(outcome.answer)
    assert moment is None or with_moment(kept, moment).answer == outcome.answer


@given(REPLIES)
@example({"items": [{"phone_number": ASKED[0], "is_valid": True, "error_code": ["000"]}]})
@example({"items": [{"phone_number": ASKED[0], "is_valid": True, "charge": "1e-999999"}]})
@example({"items": [{"phone_number": ASKED[0], "is_valid": True, "mcc": "", "mnc": ""}]})
@example({"items": [], "pending": True})
def test_a_reply_is_read_or_refused(document: object) -> None:
    try:
        reply = read_reply(json_object(orjson.dumps(document)), ASKED)
    except MalformedReplyError:
        return
    assert type(reply.pending) is int
    assert set(reply.outcomes) <= set(ASKED)
    for outcome in reply.outcomes.values():
        assert_sound(outcome)


READERS = [
    telnyx.reader(Decimal("0.0025")),
    twilio.reader(Decimal("0.008"), Decimal("0.01")),
    signalwire.reader(Decimal("0.0025")),
]
PACKAGE = st.dictionaries(
    st.sampled_from(
        [
            "type",
            "name",
            "normalized_carrier",
            "carrier_name",
            "linetype",
            "lec",
            "error_code",
            "status",
            "ported_status",
            "mobile_country_code",
            "mobile_network_code",
        ]
    ),
    ANYTHING | st.sampled_from([60601, 60616, "mobile", "Y"]),
    max_size=4,
)
SINGLE = st.fixed_dictionaries(
    {"phone_number": st.just(f"+{ASKED[0]}") | ANYTHING, "e164": st.just(f"+{ASKED[0]}") | ANYTHING},
    optional={
        "valid": st.booleans() | ANYTHING,
        "valid_number": st.booleans() | ANYTHING,
        "carrier": PACKAGE | ANYTHING,
        "portability": PACKAGE | ANYTHING,
        "line_type_intelligence": PACKAGE | ANYTHING,
    },
)


@pytest.mark.parametrize("read", READERS)
@given(document=SINGLE | SINGLE.map(lambda inner: {"data": inner}) | st.dictionaries(st.text(), ANYTHING))
def test_a_reply_to_one_number_is_read_or_refused(read: Read, document: dict[str, object]) -> None:
    try:
        outcome = read(document, ASKED[0], 1_700_000_000_000)
    except MalformedReplyError:
        return
    assert_sound(outcome)


@given(st.binary(max_size=50))
def test_bytes_that_are_no_reply_answer_nothing(body: bytes) -> None:
    try:
        reply = read_reply(json_object(body), ASKED)
    except MalformedReplyError:
        return
    assert not reply.outcomes


@pytest.mark.parametrize(
    "job_id", ["", ".", "..", "../keys", "a/b", "a b", "x" * 300, "\u0663", 7, ["a"], None]
)
def test_what_is_no_job_id_is_refused(job_id: object) -> None:
    """It becomes part of a URL."""
    with pytest.raises(MalformedReplyError):
        read_job_id({"request_uuid": job_id})


@given(SCALARS.map(str) | st.text(alphabet="0123456789 ,:+-GMTnovSuJa", max_size=70))
@example("Thu, 26 Nov 2026 01:00:00 +99999999999")
@example("Thu, 26 Nov 99999 01:00:00 GMT")
@example("9" * 5_000)
@example("\u0663")
def test_any_retry_after_is_a_time_or_none(value: str) -> None:
    told_s = retry_after_s(value)
    assert told_s is None or told_s >= 0


@pytest.mark.parametrize(
    ("value", "usd"),
    [
        ("0.01", "0.01"),
        (0.005, "0.005"),
        ("1e-9", "0.000000001"),
        ("0.00000000149", "0.000000001"),
        ("1e-10", "0"),
        ("1e-999999", "0"),
        ("0." + "0" * 200 + "1", "0"),
        ("1E+3", "1000"),
        ("1e999999", "0"),
        ("NaN", "0"),
        ("-1", "0"),
        (True, "0"),
        ([1], "0"),
    ],
)
def test_a_charge_is_bounded(value: object, usd: str) -> None:
    assert money(value) == usd
