"""An operator's own list of prefixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator_svc.numbering.risk import RiskList, parse_risk_list

PREFIXES = st.text(alphabet="0123456789", min_size=1, max_size=15)


def test_a_list_is_read() -> None:
    text = "# ours\n+8821\nrisky 8822 # more\n\nALLOW +88213\r\nallow 7\n"
    assert parse_risk_list(text).verdicts == {"8821": True, "8822": True, "88213": False, "7": False}


@pytest.mark.parametrize("line", ["+", "88 21", "deny +1", "+12345678901234567", "allow", "+1,+2", "٨"])
def test_a_line_that_is_no_entry_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_risk_list(f"+1\n{line}\n")


def test_a_contradiction_is_named() -> None:
    with pytest.raises(ValueError, match=r"line 2.*\+1"):
        parse_risk_list("+1\nallow +1\n")


@given(st.dictionaries(PREFIXES, st.booleans(), max_size=20), PREFIXES)
def test_the_longest_prefix_wins(verdicts: dict[str, bool], digits: str) -> None:
    fitting = [prefix for prefix in verdicts if digits.startswith(prefix)]
    expected = verdicts[max(fitting, key=len)] if fitting else None
    assert RiskList(verdicts).verdict(digits) is expected
