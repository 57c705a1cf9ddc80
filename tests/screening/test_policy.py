"""What a policy refuses, by itself and as keys have it."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from validator_svc.access.call_policy import CallPolicy, checked, expected_of, parsed
from validator_svc.screening.calling_hours import is_within
from validator_svc.screening.policy import Number, Policy
from validator_svc.screening.rates import Rates, load_rates
from validator_svc.screening.traits import Traits

NOON = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.UTC)
MOBILE = Traits(None, "ID", "mobile", False)
TO = Number("to", "destination", "6281234567000", MOBILE)
FROM = Number("from", "caller", "13524815863", Traits(None, "US", "landline-or-mobile", False))
RATES = Rates({"62": Decimal("0.10"), "6281": Decimal("0.25")})


def codes(policy: Policy, number: Number, most: str | None = None) -> list[tuple[str, str]]:
    """The severity and the code of each finding on a number."""
    found = [*policy.of_traits(number.parameter, number.role)[number.traits]]
    if number.traits.reason is None:
        found += policy.of_digits(number, Decimal(most) if most else None, NOON)
    return [(each.severity, each.code) for each in found]


def with_traits(**traits: Any) -> Number:
    return TO._replace(traits=MOBILE._replace(**traits))


@pytest.mark.parametrize(
    ("fields", "number", "expected"),
    [
        ({}, TO, []),
        ({}, with_traits(reason="too_short"), [("error", "invalid_number")]),
        ({"refuse_invalid": False}, with_traits(reason="too_short"), [("warning", "invalid_number")]),
        ({}, with_traits(reason="unallocated_range"), [("error", "unallocated_range")]),
        (
            {"refuse_unallocated": False},
            with_traits(reason="unallocated_range"),
            [("warning", "unallocated_range")],
        ),
        (
            {"refuse_invalid": False},
            with_traits(reason="unallocated_range"),
            [("error", "unallocated_range")],
        ),
        ({}, with_traits(is_risky=True), [("error", "risky_destination")]),
        ({"refuse_risky": False}, with_traits(is_risky=True), []),
        ({}, FROM._replace(traits=Traits(None, "US", "premium-rate", True)), []),
        ({}, with_traits(reachable=False), []),
        ({"refuse_unreachable": True}, with_traits(reachable=False), [("error", "unreachable")]),
        ({"refuse_unreachable": True}, with_traits(reachable=None), []),
        ({}, with_traits(error_code="041"), [("warning", "lookup_failed")]),
        ({"allow_countries": ["ID"]}, TO, []),
        ({"allow_countries": ["us", "id"]}, TO, []),
        ({"allow_countries": ["US"]}, TO, [("error", "country_not_allowed")]),
        ({"allow_countries": ["US"]}, with_traits(country=None), [("error", "country_not_allowed")]),
        ({"deny_countries": ["ID"]}, TO, [("error", "country_not_allowed")]),
        ({"deny_countries": ["US"]}, TO, []),
        ({"deny_countries": ["US"]}, FROM, []),
        ({"allow_types": ["mobile"]}, TO, []),
        ({"allow_types": ["landline"]}, TO, [("error", "type_not_allowed")]),
        ({"deny_types": ["mobile"]}, TO, [("error", "type_not_allowed")]),
        ({"deny_types": ["landline"]}, TO, []),
        ({"allow_prefixes": ["+6281", "44"]}, TO, []),
        ({"allow_prefixes": ["+6282"]}, TO, [("error", "prefix_not_allowed")]),
        ({"deny_prefixes": ["6281"]}, TO, [("error", "prefix_not_allowed")]),
        ({"deny_prefixes": ["+62812345670001"]}, TO, []),
        ({"own_numbers": ["+13524815863"]}, FROM, []),
        ({"own_numbers": ["13524815863", "Shop"]}, FROM, []),
        ({"own_numbers": ["+13524815864"]}, FROM, [("error", "not_own_number")]),
        ({"own_numbers": ["+13524815864"]}, TO, []),
        ({"calling_hours": "12:00-13:00"}, TO, [("error", "outside_calling_hours")]),
        ({"calling_hours": "19:00-19:01"}, TO, []),
        (
            {"calling_hours": "08:00-19:00", "calling_hours_severity": "warning"},
            TO,
            [("warning", "outside_calling_hours")],
        ),
    ],
)
def test_what_is_refused(fields: dict[str, Any], number: Number, expected: list[tuple[str, str]]) -> None:
    policy = Policy(checked(fields), zones_of=lambda digits: ("Asia/Jakarta",))
    assert codes(policy, number) == expected


@pytest.mark.parametrize(
    ("most", "of_request", "digits", "expected"),
    [
        (None, None, "6281234567000", []),
        ("0.25", None, "6281234567000", []),
        ("0.2499", None, "6281234567000", [("error", "price_too_high")]),
        ("0.2499", None, "6221234567000", []),
        (None, "0.25", "6281234567000", []),
        (None, "0.2", "6281234567000", [("error", "price_too_high")]),
        ("0.1", "0.1", "6281234567000", [("error", "price_too_high")] * 2),
        ("0.1", None, "447911123456", [("warning", "price_unknown")]),
        (None, None, "447911123456", []),
    ],
)
def test_prices(
    most: str | None, of_request: str | None, digits: str, expected: list[tuple[str, str]]
) -> None:
    policy = Policy(checked({"max_price_per_minute": most}), RATES)
    assert codes(policy, TO._replace(digits=digits), of_request) == expected


def test_without_rates_the_system_sees_to_its_own_limit() -> None:
    assert codes(Policy(), TO, "0.01") == []


@pytest.mark.parametrize(
    ("hours", "zones", "at", "expected"),
    [
        ("08:00-21:00", ("UTC",), "2026-06-01T08:00", True),
        ("08:00-21:00", ("UTC",), "2026-06-01T07:59", False),
        ("08:00-21:00", ("UTC",), "2026-06-01T20:59", True),
        ("08:00-21:00", ("UTC",), "2026-06-01T21:00", False),
        ("22:00-06:00", ("UTC",), "2026-06-01T23:59", True),
        ("22:00-06:00", ("UTC",), "2026-06-01T05:59", True),
        ("22:00-06:00", ("UTC",), "2026-06-01T06:00", False),
        ("00:00-24:00", ("UTC",), "2026-06-01T23:59", True),
        ("08:00-21:00", ("America/New_York",), "2026-01-01T12:59", False),
        ("08:00-21:00", ("America/New_York",), "2026-07-01T12:59", True),
        ("08:00-21:00", ("America/New_York", "America/Los_Angeles"), "2026-07-01T13:00", False),
        ("08:00-21:00", ("America/New_York", "America/Los_Angeles"), "2026-07-01T16:00", True),
        ("08:00-21:00", ("Asia/Kolkata",), "2026-06-01T02:30", True),
        ("08:00-21:00", (), "2026-06-01T02:30", True),
    ],
)
def test_calling_hours(hours: str, zones: tuple[str, ...], at: str, expected: bool) -> None:
    moment = datetime.datetime.fromisoformat(at).replace(tzinfo=datetime.UTC)
    assert is_within(hours, zones, moment) is expected


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"refuse_all": True}, "refuse_all"),
        ({"refuse_risky": "yes"}, "refuse_risky"),
        ({"refuse_risky": None}, "refuse_risky"),
        ({"allow_countries": ["XX"]}, "allow_countries"),
        ({"allow_countries": "ID"}, "allow_countries"),
        ({"deny_countries": [1]}, "deny_countries"),
        ({"allow_prefixes": ["+0"]}, "allow_prefixes"),
        ({"deny_prefixes": ["+1 900"]}, "deny_prefixes"),
        ({"allow_types": ["fax"]}, "allow_types"),
        ({"deny_types": ["Mobile"]}, "deny_types"),
        ({"max_price_per_minute": "-1"}, "max_price_per_minute"),
        ({"max_price_per_minute": True}, "max_price_per_minute"),
        ({"max_price_per_minute": "NaN"}, "max_price_per_minute"),
        ({"calling_hours": "8-21"}, "calling_hours"),
        ({"calling_hours": "08:00-24:01"}, "calling_hours"),
        ({"calling_hours_severity": "info"}, "calling_hours_severity"),
        ({"own_numbers": [""]}, "own_numbers"),
        ({"own_numbers": ["1"] * 1_001}, "own_numbers"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}: ") as caught:
        checked(fields)
    assert len(str(caught.value)) > len(named) + 20


def test_every_field_says_what_is_expected() -> None:
    assert all(map(expected_of, CallPolicy.model_fields))


@pytest.mark.parametrize("text", ["[]", "{", '"x"', '{"deny": 1}', "null"])
def test_text_that_is_no_policy(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|known"):
        parsed(text)
    assert parsed("") == parsed(None) == {}


def test_a_rate_file(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("prefix,price\n+62, 0.10\n\n6281,0.25,Indonesia mobile\n", "utf-8-sig")
    assert load_rates(file) == RATES
    assert RATES.price_of("6281234567000") == Decimal("0.25")
    assert RATES.price_of("621") == Decimal("0.10")
    assert RATES.price_of("44") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("62,x\n", 1),
        ("62\n", 1),
        ("62,0.1\nprefix,price\n", 2),
        ("62,0.1\n+62,0.2\n", 2),
        ("62,-1\n", 1),
        ("062,1", 1),
    ],
)
def test_a_rate_file_that_cannot_be_used(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=f"line {line}: "):
        load_rates(file)
