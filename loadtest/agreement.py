"""Does the compiled plan agree with `phonenumbers`? Seeded numbers through both, on every core.

    python -m loadtest.agreement --count 5000000 --seed 1

A third are digits drawn uniformly over all calling codes and lengths 3 to 17, a third mutations of
the example numbers of every region and type, a third of those written as people write them, with
a region to read them in. Every number on whose line the two differ is printed; then the exit
status is 1.
"""

import argparse
import os
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

from validator_svc.numbering.plan import Kind, Plan
from validator_svc.numbering.plan.lines import HAS_NATIVE
from validator_svc.numbering.plan.render import BYTES
from validator_svc.numbering.reference import look_up

DIGITS = "0123456789"
BATCH = 5_000
SHOWN = 20


class Mismatch(NamedTuple):
    """A text on which the two ways differ."""

    text: str
    region_code: str | None
    compiled: str
    slow: str


@cache
def calling_codes() -> list[str]:
    return sorted(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@cache
def regions() -> list[str]:
    return sorted(phonenumbers.SUPPORTED_REGIONS)


@cache
def examples() -> list[tuple[str, str, str]]:
    """(region, calling code, national number) of every region and type that has an example."""
    found = []
    for region in regions():
        for number_type in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, number_type)
            if number is not None:
                nsn = phonenumbers.national_significant_number(number)
                found.append((region, str(number.country_code), nsn))
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert number is not None
        found.append(("US", str(code), phonenumbers.national_significant_number(number)))
    return found


def some_digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(DIGITS, k=count))


def uniform(chance: random.Random) -> str:
    """A calling code and any digits, 3 to 17 in all."""
    return "+" + (chance.choice(calling_codes()) + some_digits(chance, 17))[: chance.randint(3, 17)]


def mutated(chance: random.Random) -> tuple[str, str, str]:
    """(region, calling code, national number): an example number with some digits changed."""
    region, calling_code, nsn = chance.choice(examples())
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(nsn) + 1)
        nsn = nsn[:at] + some_digits(chance, chance.choice((0, 1, 1, 1, 2))) + nsn[at + chance.randrange(2) :]
    tail = chance.randrange(len(nsn) + 1)
    return region, calling_code, nsn[:tail] + some_digits(chance, len(nsn) - tail)


def international(chance: random.Random) -> str:
    _, calling_code, nsn = mutated(chance)
    return f"+{calling_code}{chance.choice(('', '', '', '0', '1', '8', '06'))}{nsn}"


def written(chance: random.Random) -> tuple[str, str]:
    """(text, region): a number as somebody in the region may write it."""
    region, calling_code, nsn = mutated(chance)
    if chance.random() < 0.1:
        region = chance.choice(regions())
    beginnings = (
        "+" + calling_code,
        "00" + calling_code,
        "011" + calling_code,
        calling_code,
        "0",
        "1",
        "",
        "",
    )
    text = chance.choice(beginnings) + nsn
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        at = chance.randrange(1, len(text) + 1) if text.startswith("+") else chance.randrange(len(text) + 1)
        text = (
            text[:at]
            + chance.choice((" ", " ", "-", ".", "(", ")", "/", ".0", " ext 5", "\u00a0"))
            + text[at:]
        )
    return text, region


def compare(texts: list[str], kind: Kind, plans: Sequence[Plan]) -> list[Mismatch]:
    """Where the finished lines differ."""
    finisher = plans[0].writer(kind).finisher
    slow = [finisher.slow_line(text).encode(BYTES) for text in texts]
    found: list[Mismatch] = []
    for plan in plans:
        compiled = plan.texts(texts, kind).splitlines(keepends=True)
        assert len(compiled) == len(slow)
        found += (
            Mismatch(text, kind.region_code, ours.decode(), theirs.decode())
            for text, ours, theirs in zip(texts, compiled, slow, strict=True)
            if ours != theirs
        )
    return found


def compare_found(texts: list[str], plan: Plan) -> list[Mismatch]:
    """Where `Plan.find` differs from the slow way, for texts of `+` and digits."""
    pairs = [(text, plan.find(text[1:]).answer(), look_up(text)) for text in texts]
    return [Mismatch(text, None, str(ours), str(theirs)) for text, ours, theirs in pairs if ours != theirs]


def check_batch(seed: int, count: int) -> list[Mismatch]:
    """Compares `count` numbers of one seed."""
    plans = the_plans()
    chance = random.Random(seed)
    third = count // 3
    makers: tuple[Callable[[random.Random], str], ...] = (uniform, international)
    found: list[Mismatch] = []
    for maker in makers:
        texts = [maker(chance) for _ in range(third)]
        found += compare(texts, Kind("validation", both_names=seed % 2 == 0), plans)
        found += compare_found(texts[:100], plans[0])
    by_region: dict[str, list[str]] = {}
    for _ in range(count - 2 * third):
        text, region = written(chance)
        by_region.setdefault(region, []).append(text)
    for region, texts in by_region.items():
        found += compare(texts, Kind("analysis", region), plans)
    return found


@cache
def the_plans() -> tuple[Plan, ...]:
    """One with each loop over lines that there is."""
    return (Plan(), Plan(native=False)) if HAS_NATIVE else (Plan(),)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    batches = -(-arguments.count // BATCH)
    seeds = [arguments.seed * 1_000_000 + batch for batch in range(batches)]
    mismatches = 0
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for found in pool.map(check_batch, seeds, [BATCH] * batches, chunksize=4):
            for mismatch in found[: max(SHOWN - mismatches, 0)]:
                print(*mismatch, sep="\n  ")
            mismatches += len(found)
    print(f"{batches * BATCH:,} numbers, seed {arguments.seed}: {mismatches:,} mismatches")
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
