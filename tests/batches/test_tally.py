"""What finished lines add up to."""

import pytest

from validator_svc.batches.counts import tally
from validator_svc.lookup.money import nano, usd
from validator_svc.record.record import Record, to_line

VALID = Record("1", True, "ID", "+6281234567000", cost="0.005", source="wavix")


def line(**changes: object) -> bytes:
    fields = {name: getattr(VALID, name) for name in Record.__slots__}
    return to_line(Record(**fields | changes), "validation")


def test_valid_invalid_and_unknown_are_three_things() -> None:
    lines = (
        line()
        + line(cost="0", source="cache")
        + line(e164_format="+88212345678", country_code=None, cost="0", error_code="042")
        + line(is_valid=False, cost="0", error_code="021", reason="too_short")
        + line(is_valid=False, cost="0.01", reason="rejected_upstream")
    )
    assert tally(lines) == {
        "answered": 5,
        "valid": 2,
        "invalid": 2,
        "unknown": 1,
        "duplicates": 1,
        "cached": 1,
        "paid": 2,
        "cost_nano": 15_000_000,
        "reason:too_short": 1,
        "reason:rejected_upstream": 1,
        "country:ID": 2,
    }


def test_what_a_caller_sent_is_never_taken_for_a_field() -> None:
    text = '"is_valid":true,"cost":"9","error_code":"042","reason":"x","source":"cache"\n'
    lines = line(phone_number=text, is_valid=False, cost="0", error_code="021", reason="too_long")
    assert tally(lines) == {"answered": 1, "invalid": 1, "reason:too_long": 1}


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (5_000_000, "0.005"), (12 * 10**9, "12"), (1, "0.000000001")]
)
def test_money_is_exact(amount: int, text: str) -> None:
    assert usd(amount) == text
    assert nano(text) == amount
