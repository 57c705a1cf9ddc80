"""Do the kernels agree with `phonenumbers`? Seeded texts through all of them, on every core.

    python -m loadtest.agreement --count 5000000 --odd 1000000 --seed 1

A third are digits drawn uniformly over all calling codes and lengths 3 to 17, a third mutations of
the example numbers of every region and type, a third of those written as people write them, with
a region to read them in. Odd texts have had everything done to them that people, pages and spreadsheets do.
Every text on whose record two differ is printed; then the exit status is 1.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

from tests.kernel.odd_texts import odd_text
from validator_svc.kernel import HAS_NATIVE, new_kernel
from validator_svc.kernel.interface import Kernel, Kind
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.plan_store import current_plan
from validator_svc.kernel.python import PythonKernel
from validator_svc.kernel.walk import formats_of
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.reference import look_up
from validator_svc.record.record import from_plan, to_line

DIGITS = "0123456789"
BATCH = 5_000
SHOWN = 20


class Mismatch(NamedTuple):
    """A text on which a kernel and `phonenumbers` differ."""

    text: str
    region_code: str | None
    ours: str
    theirs: str


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


def records_of(texts: Sequence[str], kind: Kind) -> list[bytes]:
    """The records that `phonenumbers` gives."""
    quarter = quarter_of(time.time())
    answers = (from_plan(text, look_up(text, kind.region_code), quarter) for text in texts)
    return [to_line(answer, kind.request_type, kind.both_names) for answer in answers]


def compare(texts: list[str], kind: Kind, *kernels: Kernel) -> list[Mismatch]:
    """Where the records of kernels differ from those of `phonenumbers`."""
    expected = records_of(texts, kind)
    mismatches: list[Mismatch] = []
    for kernel in kernels:
        found = kernel.texts(texts, kind).splitlines(keepends=True)
        mismatches += (
            Mismatch(text, kind.region_code, ours.decode(), theirs.decode())
            for text, ours, theirs in zip(texts, found, expected, strict=True)
            if ours != theirs
        )
    return mismatches


def compare_found(texts: list[str], kernel: Kernel, plan: Plan) -> list[Mismatch]:
    """Where the places of texts differ from what `phonenumbers` finds in them."""
    columns = kernel.find(texts)
    formats = formats_of(plan)
    mismatches: list[Mismatch] = []
    places = zip(texts, columns.records, columns.shapes, columns.digits, strict=True)
    for text, record_id, shape, found in places:
        ours = (plan.records[record_id].facts, found, formats[shape].written(found) if found else "")
        answer = look_up(text)
        theirs = (answer.facts, answer.e164[1:], answer.national_format)
        if ours != theirs:
            mismatches.append(Mismatch(text, None, str(ours), str(theirs)))
    return mismatches


def check_batch(seed: int, count: int) -> list[Mismatch]:
    """Compares `count` numbers of one seed."""
    chance = random.Random(seed)
    third = count // 3
    texts: dict[Kind, list[str]] = {
        Kind("validation", both_names=seed % 2 == 0): [uniform(chance) for _ in range(third)]
        + [international(chance) for _ in range(third)]
    }
    for _ in range(count - 2 * third):
        text, region = written(chance)
        texts.setdefault(Kind("analysis", region), []).append(text)
    return check(texts)


def check_odd_batch(seed: int, count: int) -> list[Mismatch]:
    """The same for texts made up to be odd, half of them read in a region."""
    chance = random.Random(seed)
    texts: dict[Kind, list[str]] = {}
    for _ in range(count):
        region = chance.choice(regions()) if chance.random() < 0.5 else None
        texts.setdefault(Kind("validation", region), []).append(odd_text(chance))
    return check(texts)


def check(texts: dict[Kind, list[str]]) -> list[Mismatch]:
    plan, kernels = the_kernels()
    found: list[Mismatch] = []
    for kind, each in texts.items():
        found += compare(each, kind, *kernels)
    for kernel in kernels:
        found += compare_found(next(iter(texts.values()))[:100], kernel, plan)
    return found


@cache
def the_kernels() -> tuple[Plan, list[Kernel]]:
    """One in plain Python, and the one in machine code where it was built."""
    plan = current_plan()
    kernels: list[Kernel] = [PythonKernel(plan)]
    return plan, [*kernels, new_kernel(plan)] if HAS_NATIVE else kernels


def run(check: Callable[[int, int], list[Mismatch]], count: int, seed: int) -> int:
    """Check so many texts on every core; returns how many mismatches there were."""
    batches = -(-count // BATCH)
    seeds = [seed * 1_000_000 + batch for batch in range(batches)]
    mismatches = 0
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for found in pool.map(check, seeds, [BATCH] * batches, chunksize=4):
            for mismatch in found[: max(SHOWN - mismatches, 0)]:
                print(*mismatch, sep="\n  ")
            mismatches += len(found)
    print(f"{check.__name__}: {batches * BATCH:,} texts, seed {seed}: {mismatches:,} mismatches")
    return mismatches


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--odd", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    mismatches = run(check_batch, arguments.count, arguments.seed)
    return 1 if mismatches + run(check_odd_batch, arguments.odd, arguments.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
