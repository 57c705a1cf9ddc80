"""The kernels and `phonenumbers` must give the same bytes; here on a sample of everything."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.agreement import compare, compare_found, international, regions, uniform, written
from tests.kernel.conftest import new_tally
from tests.kernel.odd_texts import odd_text
from validator_svc.kernel.interface import Kernel, Kind, Tally
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.soundness import references, roots_of
from validator_svc.numbering import facts, reference
from validator_svc.numbering.plan_file import Section
from validator_svc.numbering.reading import begins_international

SEED = 7
NUMBERS = 8_000
DESCENTS = 60
"""Ways into each region's graph."""

PLAIN = st.text(alphabet="0123456789 +-.()/", max_size=24)
LIKE_NUMBERS = st.text(alphabet="0123456789 +-.()/x'\u00a0\t\n\r;=eEextl#,*\u0661\u200b", max_size=24)
REGIONS = st.sampled_from(["US", "ID", "IT", "AR", "BR", "RU", "GB", "HU", "CA", "KZ", "JP", "SM"])

LIMITS = [
    *("1" * count for count in (1, 2, 3, 19, 20, 21, 35, 36, 37, 38, 249, 250, 251, 999, 1000, 1001)),
    *("+44 20 7946 0018" + " " * count for count in (233, 234, 235, 984, 985)),
    *("+44 20 7946 0018" + "-" * count for count in (233, 234, 235, 984, 985)),
    *("\u200b" * count + "+442079460018" for count in (237, 238, 987, 988)),
    *("x" * count + "442079460018" for count in (237, 238, 239)),
    *("00" * count + "442079460018" for count in (1, 2, 118, 119, 120)),
    *(f"+{code}{'5' * count}" for code in ("1", "49", "999", "0") for count in range(16, 38)),
]


def assert_agrees(kernel: Kernel, texts: list[str], kind: Kind) -> None:
    assert compare(texts, kind, kernel)[:5] == []


def in_regions(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """The texts of (text, region) by region."""
    apart: dict[str, list[str]] = {}
    for text, region in pairs:
        apart.setdefault(region, []).append(text)
    return apart


def test_numbers_of_the_whole_world_agree(kernel: Kernel) -> None:
    chance = random.Random(SEED)
    assert_agrees(kernel, [uniform(chance) for _ in range(NUMBERS)], Kind("validation"))
    assert_agrees(kernel, [international(chance) for _ in range(NUMBERS)], Kind("validation", None, True))


def test_numbers_as_written_in_their_regions_agree(kernel: Kernel) -> None:
    chance = random.Random(SEED)
    for region, texts in in_regions(written(chance) for _ in range(NUMBERS)).items():
        assert_agrees(kernel, texts, Kind("analysis", region))


def test_odd_texts_agree(kernel: Kernel) -> None:
    chance = random.Random(SEED + 1)
    pairs = ((odd_text(chance), chance.choice(regions())) for _ in range(NUMBERS))
    for region, texts in in_regions(pairs).items():
        assert_agrees(kernel, texts, Kind("validation", region))


@pytest.mark.parametrize("region", [None, "GB", "US", "DE"])
def test_texts_at_the_limits_agree(kernel: Kernel, region: str | None) -> None:
    assert_agrees(kernel, LIMITS, Kind("validation", region))


class Graph:
    """The plan's graph, to make numbers that lead into its corners."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self.nodes = references(plan, Section.NODES)
        self.roots = list(roots_of(plan))
        self.chance = chance

    def filled(self, digits: str, length: int) -> str:
        return digits + "".join(self.chance.choices("0123456789", k=length - len(digits)))

    def into_every_leaf(self, root: int, length: int) -> list[str]:
        """A number for each successor of a node that is a leaf, its further digits drawn."""
        found: list[str] = []
        seen: set[int] = set()
        ways = [(root, "")]
        while ways:
            reference, digits = ways.pop()
            if reference < 0:
                found.append(self.filled(digits, length))
            elif reference not in seen:
                seen.add(reference)
                ways += [(self.nodes[10 * reference + digit], digits + str(digit)) for digit in range(10)]
        return found

    def descent(self, root: int, length: int) -> str:
        """A number that keeps away from leaves for as long as it can, more often than not."""
        digits = ""
        while root >= 0:
            deeper = [digit for digit in range(10) if self.nodes[10 * root + digit] >= 0]
            any_digit = not deeper or self.chance.random() < 0.3
            digit = self.chance.randrange(10) if any_digit else self.chance.choice(deeper)
            root = self.nodes[10 * root + digit]
            digits += str(digit)
        return self.filled(digits, length)


def test_a_number_into_every_leaf_agrees(kernel: Kernel, plan: Plan) -> None:
    graph = Graph(plan, random.Random(SEED))
    international_roots = graph.roots[: plan.counts[Section.ROOTS] // 2]
    texts = [
        "+" + digits for root, length in international_roots for digits in graph.into_every_leaf(root, length)
    ]
    assert len(texts) > 100_000
    # One test in all would outlast its time on a busy machine.
    assert_agrees(kernel, graph.chance.sample(texts, 25_000), Kind("validation"))


def test_digits_dialled_in_every_region_agree(kernel: Kernel, plan: Plan) -> None:
    graph = Graph(plan, random.Random(SEED))
    first = plan.counts[Section.ROOTS]
    of_a_region = plan.counts[Section.REGION_ROOTS] // len(plan.regions)
    for region, place in plan.regions.items():
        roots = graph.roots[first + of_a_region * place :][:of_a_region]
        texts = [graph.descent(*graph.chance.choice(roots)) for _ in range(DESCENTS)]
        assert_agrees(kernel, texts, Kind("format", region))


def test_numbers_as_dialled_in_their_regions_agree(kernel: Kernel) -> None:
    """Behind every prefix that is common somewhere."""
    for region in regions():
        example = phonenumbers.example_number(region)
        assert example is not None
        nsn = phonenumbers.national_significant_number(example)
        prefixes = ("", "0", "1", "8", "00", "0044", "01144", "01100", "06", str(example.country_code))
        assert_agrees(kernel, [prefix + nsn for prefix in prefixes], Kind("analysis", region))


@given(st.lists(PLAIN, max_size=5))
@settings(max_examples=300, deadline=None)
def test_plain_texts_agree(kernel: Kernel, texts: list[str]) -> None:
    assert_agrees(kernel, texts, Kind("analysis"))


@given(st.lists(LIKE_NUMBERS | st.text(max_size=20), max_size=5))
@settings(max_examples=300, deadline=None)
def test_any_texts_agree(kernel: Kernel, texts: list[str]) -> None:
    assert_agrees(kernel, texts, Kind("validation", both_names=True))


@given(st.lists(PLAIN | LIKE_NUMBERS, max_size=5), REGIONS)
@settings(max_examples=300, deadline=None)
def test_texts_as_dialled_in_a_region_agree(kernel: Kernel, texts: list[str], region: str) -> None:
    assert_agrees(kernel, texts, Kind("format", region))


def test_counts_are_those_of_the_records(kernel: Kernel, plan: Plan, tally: Tally) -> None:
    chance = random.Random(SEED)
    texts = [odd_text(chance, 1) for _ in range(500)] + [international(chance)[1:] for _ in range(500)]
    kernel.texts(texts * 2, Kind("analysis"), tally)
    answers = [reference.look_up(text) for text in texts]
    assumed = [
        text
        for text, answer in zip(texts, answers, strict=True)
        if answer.calling_code and not begins_international(text)
    ]
    assert tally.assumed_international == 2 * len(assumed)
    valid = [answer.e164 for answer in answers if answer.facts.reason is None]
    assert tally.duplicates == 2 * len(valid) - len(set(valid))
    counted = dict.fromkeys((None, *facts.REASONS), 0)
    for record, count in zip(plan.records, tally.counts, strict=True):
        counted[record.facts.reason] += count
    assert sum(counted.values()) == 2 * len(texts)
    for reason, count in counted.items():
        assert count == 2 * sum(answer.facts.reason == reason for answer in answers)


def test_found_places_say_what_phonenumbers_says(kernel: Kernel, plan: Plan) -> None:
    chance = random.Random(SEED)
    assert compare_found([odd_text(chance) for _ in range(1_000)], kernel, plan) == []


def test_a_tally_goes_on_over_blocks(kernel: Kernel, plan: Plan) -> None:
    tally = new_tally(plan)
    for _ in range(2):
        kernel.lines(b"442079460018\n", Kind("format"), tally)
    assert (sum(tally.counts), tally.assumed_international, tally.duplicates) == (2, 2, 1)
