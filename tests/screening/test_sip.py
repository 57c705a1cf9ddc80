"""SIP addresses by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.screening.rules import BAD_SIP, SIP
from validator_svc.screening.sip import is_sip, is_sip_address


@pytest.mark.parametrize("text", SIP)
def test_an_address(text: str) -> None:
    assert is_sip(text)
    assert is_sip_address(text)


@pytest.mark.parametrize("text", BAD_SIP)
def test_what_is_meant_as_one(text: str) -> None:
    assert is_sip(text)
    assert not is_sip_address(text)


@pytest.mark.parametrize("text", ["+13524815863", "alice@example.com", "tel:+13524815863", "", "mailto:a@b"])
def test_what_is_none(text: str) -> None:
    assert not is_sip(text)


@given(st.text(alphabet="sip:@.-%a1[];?", max_size=300))
def test_any_text_is_decided_in_time(text: str) -> None:
    is_sip_address(f"sip:{text}")
