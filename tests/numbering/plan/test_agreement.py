"""The compiled plan and `phonenumbers` must give the same bytes; here on a sample of everything."""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.agreement import BATCH, check_batch, compare, compare_found, the_plans
from tests.numbering.written import BEFORE_AND_AFTER, TAILS
from validator_svc.numbering.plan import Kind, Plan
from validator_svc.numbering.plan.atlas import Code
from validator_svc.numbering.plan.compiler import Reference
from validator_svc.numbering.plan.lengths import MAX_NSN, MIN_NSN

NUMBERS = 200_000
SEED = 7

PLAIN = st.text(alphabet="0123456789 +-.()/", max_size=24)
LIKE_NUMBERS = st.text(alphabet="0123456789 +-.()/x'\u00a0\t\n\r;=eEextl#,*\u0661\u200b", max_size=24)
MARKED = st.builds(
    lambda before, text, tail, around, after: f"{before}{around[0]}{text}{tail}{around[1]}{after}",
    st.sampled_from(["", " ", "(", "00", "+", "\u200b", "'", "="]),
    st.sampled_from(["6281234567", "1 213 373 4253", "02079460018", "1234567", "0", "", "62.812.3456.7"])
    | PLAIN,
    st.sampled_from([*TAILS, ".000", ".0.0", ".00 ", "0.0", "E+11", ".0)", ".0-"]),
    st.sampled_from(BEFORE_AND_AFTER),
    st.sampled_from(["", " ", ")", ";", ",", ".0", "\u00a0"]),
)
REGIONS = st.sampled_from(["US", "ID", "IT", "AR", "BR", "RU", "GB", "HU", "CA", "KZ", "JP", "SM"])


@pytest.fixture(scope="module")
def plans() -> tuple[Plan, ...]:
    return the_plans()


@pytest.fixture(scope="module")
def plan(plans: tuple[Plan, ...]) -> Plan:
    return plans[0]


def test_200_000_numbers_agree() -> None:
    seeds = [SEED * 1_000_000 + batch for batch in range(NUMBERS // BATCH)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for mismatches in pool.map(check_batch, seeds, [BATCH] * len(seeds), chunksize=4):
            assert mismatches == []


def test_every_calling_code_is_compiled(plan: Plan) -> None:
    """A calling code listed here is answered the slow way."""
    assert plan.complete() == []


def numbers_into_leaves(code: Code, chance: random.Random) -> list[str]:
    """A national number for each successor of a node that is a leaf, its further digits drawn."""
    found: list[str] = []
    for length in range(MIN_NSN, MAX_NSN + 1):
        seen: set[Reference] = set()
        ways = [(code.begin(length, dialled), "") for dialled in (True, False)]
        while ways:
            reference, digits = ways.pop()
            if reference < 0:
                found.append(digits + "".join(chance.choices("0123456789", k=length - len(digits))))
            elif reference not in seen:
                seen.add(reference)
                ways += [(code.walk(reference, digit), digits + digit) for digit in "0123456789"]
    return found


def test_a_number_into_every_leaf_agrees(plan: Plan, plans: tuple[Plan, ...]) -> None:
    chance = random.Random(SEED)
    texts = []
    for calling_code in sorted(plan.atlas.known):
        code = plan.atlas.code(calling_code)
        assert code is not None
        texts += ["+" + calling_code + nsn for nsn in numbers_into_leaves(code, chance)]
    assert len(texts) > 100_000
    assert compare(texts, Kind("validation"), plans) == []


@given(st.lists(PLAIN, max_size=5))
@settings(max_examples=500, deadline=None)
def test_plain_texts_agree(plans: tuple[Plan, ...], texts: list[str]) -> None:
    assert compare(texts, Kind("analysis"), plans) == []


@given(st.lists(LIKE_NUMBERS | st.text(max_size=20), max_size=5))
@settings(max_examples=500, deadline=None)
def test_any_texts_agree(plans: tuple[Plan, ...], texts: list[str]) -> None:
    assert compare(texts, Kind("validation", both_names=True), plans) == []


@given(st.lists(MARKED, max_size=5), st.none() | REGIONS)
@settings(max_examples=1_000, deadline=None)
def test_texts_with_marks_around_agree(plans: tuple[Plan, ...], texts: list[str], region: str | None) -> None:
    assert compare(texts, Kind("validation", region), plans) == []


@pytest.mark.parametrize("region", [None, "US", "ID", "IT"])
def test_all_decimals_that_a_spreadsheet_leaves_agree(plans: tuple[Plan, ...], region: str | None) -> None:
    numbers = ("1234567", "6281234567", "02079460018", "+44 20 7946", "0", "00", "00 44", "1.5", "")
    tails = (".0", ".00", ".000", ".0 ", ".00  ", ".0.0", "..0", ".0)", ".00/", ". 00", "0.0", ".01")
    texts = [number + tail for number, tail in product(numbers, tails)]
    assert compare(texts, Kind("analysis", region), plans) == []
    assert [found for text in texts for found in compare([text], Kind("analysis", region), plans)] == []


@given(st.lists(PLAIN | LIKE_NUMBERS | MARKED, max_size=5), REGIONS)
@settings(max_examples=500, deadline=None)
def test_texts_as_dialled_in_a_region_agree(plans: tuple[Plan, ...], texts: list[str], region: str) -> None:
    assert compare(texts, Kind("format", region), plans) == []


@given(st.text(alphabet="0123456789", max_size=30))
@settings(max_examples=500, deadline=None)
def test_found_numbers_agree(plan: Plan, digits: str) -> None:
    assert compare_found(["+" + digits], plan) == []
