"""What the first digits decide is what reading all of them would have given."""

from functools import cache

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.agreement import regions
from validator_svc.numbering.plan.beginnings import Beginnings, Rewriting
from validator_svc.numbering.plan.dialling import Dialled, Dialling
from validator_svc.numbering.plan.tables import FIRST


@cache
def beginnings(region: str) -> Beginnings:
    return Beginnings(Dialling(region))


def agrees(region: str, digits: str) -> bool:
    """Whether the beginning decides, and decides rightly."""
    known = beginnings(region)
    rewriting = known.rewriting(len(digits), digits[:FIRST])
    if rewriting is None:
        return False
    dialled = Dialled(rewriting.calling_code + digits[rewriting.dropped :], rewriting.is_stripped)
    assert known.dialling.read(digits) == dialled
    return True


@given(st.sampled_from(regions()), st.text("0123456789", min_size=3, max_size=20))
@settings(max_examples=3_000, deadline=None)
def test_any_digits(region: str, digits: str) -> None:
    agrees(region, digits)


@pytest.mark.parametrize("region", regions())
def test_examples_as_dialled(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    nsn = phonenumbers.national_significant_number(example)
    for before in ("", "0", "1", "8", "00", "0044", "01144", "01100", "06", str(example.country_code)):
        agrees(region, before + nsn)


@pytest.mark.parametrize(
    ("region", "digits", "rewriting"),
    [
        ("GB", "02079460018", Rewriting("44", 1, is_stripped=True)),
        ("GB", "442079460018", Rewriting("", 0, is_stripped=False)),
        ("US", "2133734253", Rewriting("1", 0, is_stripped=True)),
        ("ID", "081234567890", Rewriting("62", 1, is_stripped=True)),
        ("FR", "00442079460018", Rewriting("", 2, is_stripped=False)),
        ("US", "011442079460018", Rewriting("", 3, is_stripped=False)),
        ("FR", "000442079460018", None),
    ],
)
def test_the_common_ways_are_decided(region: str, digits: str, rewriting: Rewriting | None) -> None:
    assert beginnings(region).rewriting(len(digits), digits[:FIRST]) == rewriting
