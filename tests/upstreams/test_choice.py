"""The operator's choice of suppliers, as it is written."""

import pytest

from validator_svc.upstreams.choice import Choice, parse_choices

SUPPLIERS = ["wavix", "telnyx", "twilio"]


def test_suppliers_stand_in_order_with_what_they_are_asked_for() -> None:
    assert parse_choices("telnyx:US,CA; twilio:analysis,GB;wavix", SUPPLIERS) == [
        Choice("telnyx", frozenset(["US", "CA"])),
        Choice("twilio", frozenset(["GB"]), frozenset(["analysis"])),
        Choice("wavix"),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("vonage", "'vonage' is no supplier; expected one of wavix, telnyx, twilio"),
        ("wavix:usa", "'usa' is no region such as US"),
        ("wavix:format", "'format' is no region"),
        ("wavix;telnyx;wavix", "names a supplier twice"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_choices(text, SUPPLIERS)


@pytest.mark.parametrize(
    ("choice", "region_code", "allows"),
    [
        (Choice("wavix"), None, True),
        (Choice("wavix", frozenset(["US"])), "US", True),
        (Choice("wavix", frozenset(["US"])), "CA", False),
        (Choice("wavix", frozenset(["US"])), None, False),
        (Choice("wavix", types=frozenset(["analysis"])), "US", False),
    ],
)
def test_what_a_supplier_is_asked_for(choice: Choice, region_code: str | None, allows: bool) -> None:
    assert choice.allows("validation", region_code) is allows
