"""Prefixes followed digit by digit: the same as regular expressions find in whole numbers."""

import random
import re
from functools import cache

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata
from phonenumbers.phonenumberutil import _maybe_strip_national_prefix_carrier_code, _test_number_length

from validator_svc.numbering.compile.national_prefix import NationalPrefix
from validator_svc.numbering.compile.patterns import UnsupportedPatternError
from validator_svc.numbering.compile.prefix_match import NOWHERE, PrefixMatch
from validator_svc.numbering.compile.territory import UndecidedError

SEED = 7
KEEPS_PREFIX = (
    ValidationResult.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ValidationResult.INVALID_LENGTH,
)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@cache
def metadata_of(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    return metadata


def stripped(metadata: PhoneMetadata, digits: str) -> str:
    """What `phonenumbers.parse` makes of the digits of a national number."""
    _, rest, _ = _maybe_strip_national_prefix_carrier_code(digits, metadata)
    keeps = (
        ValidationResult.TOO_SHORT,
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
        ValidationResult.INVALID_LENGTH,
    )
    return digits if _test_number_length(rest, metadata) in keeps else str(rest)


def matched(rule: PrefixMatch, digits: str) -> tuple[int, int, int] | None:
    """End of the match and span of the group in whole digits."""
    state = rule.start
    for depth, digit in enumerate(digits):
        state = rule.step(state, int(digit), depth)
    assert state.ways == ()
    return None if state.match is None else (state.match.end, state.match.start, state.match.stop)


@pytest.mark.parametrize(
    "pattern",
    [
        "0",
        "0?(1|12)?",
        "(1|12)0?",
        "(12|1)0?",
        "0(?:0|1(?:05|[2-9]))",
        "([2-9]\\d{3})$|1",
        "(?:0|90)(?:(1[245]|2[1-35])(\\d{3,4}))?",
        "(00[25]\\d{1,3})$|(?:(?:003)0?)|0",
        "0{2,3}1?",
        "1{0,2}(1)",
    ],
)
def test_a_match_is_that_of_the_re_module(pattern: str) -> None:
    chance = random.Random(SEED)
    groups = re.compile(pattern).groups
    for _ in range(2_000):
        digits = "".join(chance.choices("0123459", k=chance.randrange(1, 9)))
        rule = PrefixMatch(pattern, len(digits), f"7\\{groups}" if groups else "")
        found = re.match(pattern, digits)
        expected = (
            None if found is None else (found.end(), *(found.span(groups) if groups else (NOWHERE,) * 2))
        )
        assert matched(rule, digits) == expected, digits


@given(st.sampled_from(REGIONS), st.text(alphabet="0123456789", min_size=1, max_size=20))
@settings(max_examples=2_000, deadline=None)
def test_what_comes_off_is_what_comes_off_whole_numbers(region: str, digits: str) -> None:
    metadata = metadata_of(region)
    prefix = NationalPrefix(metadata, len(digits))
    state = prefix.start
    decided = []
    for left, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        try:
            decided.append(prefix.decide(state))
        except UndecidedError:
            assert decided == []
        state = prefix.step(state, int(digit), left)
    strip = prefix.decide(state)
    assert set(decided) <= {strip}
    rest = strip.literal + digits[strip.start : strip.stop] + digits[strip.drop :]
    assert rest == stripped(metadata, digits)


@pytest.mark.parametrize("transform", ["\\1\\2", "1\\1 ", "x\\1", "\\1", "2"])
def test_rewritings_that_a_file_has_no_room_for_are_refused(transform: str) -> None:
    with pytest.raises(UnsupportedPatternError):
        PrefixMatch("0(1)(2)", 5, transform)
