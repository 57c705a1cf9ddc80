"""The corpus: numbers as they come in lists, seeded, so that every peer reads the same ones.

70 % mobile, 20 % landline, the rest of all other types; countries by population, every region at
least once in a while; 8 % are not valid; 45 % are written with spaces, without `+` or with `00`.
"""

import random
from collections.abc import Iterator
from functools import cache
from math import prod

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from validator_svc.numbering.compile.patterns import Choice, Item, Repeat, Sequence, read_pattern

# Millions of people, rounded: United Nations, World Population Prospects 2024. Others count as 5,
# non-geographic calling codes as 1.
POPULATION = {
    "IN": 1451, "CN": 1419, "US": 345, "ID": 283, "PK": 251, "NG": 233, "BR": 212, "BD": 174, "RU": 145,
    "ET": 132, "MX": 131, "JP": 124, "EG": 117, "PH": 116, "CD": 109, "VN": 101, "IR": 92, "TR": 87,
    "DE": 85, "TH": 72, "TZ": 69, "GB": 69, "FR": 67, "ZA": 64, "IT": 59, "KE": 56, "MM": 55, "CO": 53,
    "KR": 52, "SD": 50, "UG": 50, "ES": 48, "DZ": 47, "IQ": 46, "AR": 46, "AF": 43, "YE": 41, "CA": 40,
    "PL": 39, "MA": 38, "AO": 38, "UA": 38, "UZ": 36, "MY": 36, "MZ": 35, "GH": 34, "PE": 34, "SA": 34,
    "AU": 27,
}  # fmt: skip
OTHERS = 5
NON_GEOGRAPHIC = 1

MOBILE, LANDLINE = "mobile", "fixed_line"
SPECIAL = ("toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")

INVALID = 0.08
ODD_FORM = 0.45


@cache
def size(sequence: Sequence) -> int:
    """How many numbers a pattern takes."""
    return prod(item_size(item) for item in sequence)


def item_size(item: Item) -> int:
    if isinstance(item, frozenset):
        return len(item)
    if isinstance(item, Choice):
        return sum(size(branch) for branch in item.branches)
    if isinstance(item, Repeat):
        return sum(size(item.sequence) ** times for times in range(item.least, item.most + 1))
    return 1


def complete(sequence: Sequence, chance: random.Random) -> str:
    """A number that fits the pattern, each about as likely as any other."""
    digits = ""
    for item in sequence:
        if isinstance(item, frozenset):
            digits += str(chance.choice(sorted(item)))
        elif isinstance(item, Choice):
            weights = [size(branch) for branch in item.branches]
            digits += complete(chance.choices(item.branches, weights)[0], chance)
        elif isinstance(item, Repeat):
            times = range(item.least, item.most + 1)
            weights = [size(item.sequence) ** each for each in times]
            for _ in range(chance.choices(times, weights)[0]):
                digits += complete(item.sequence, chance)
    return digits


class Source:
    """Numbers of one region or non-geographic calling code."""

    def __init__(self, calling_code: int, metadata: PhoneMetadata, weight: int) -> None:
        self.calling_code = str(calling_code)
        self.weight = weight
        self.patterns = {
            kind: read_pattern(desc.national_number_pattern)
            for kind in (MOBILE, LANDLINE, *SPECIAL)
            if (desc := getattr(metadata, kind)) is not None and desc.national_number_pattern
        }

    def number(self, chance: random.Random) -> str:
        """International digits of a number in an assigned range."""
        kind = chance.choices((MOBILE, LANDLINE, chance.choice(SPECIAL)), (70, 20, 10))[0]
        pattern = self.patterns.get(kind) or chance.choice(list(self.patterns.values()))
        return self.calling_code + complete(pattern, chance)


def sources() -> list[Source]:
    """Every region, and every calling code without one."""
    found = []
    for calling_code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
            assert metadata is not None
            weight = NON_GEOGRAPHIC if region == "001" else POPULATION.get(region, OTHERS)
            found.append(Source(calling_code, metadata, weight))
    return found


def spoilt(digits: str, chance: random.Random) -> str:
    """A number that is most likely not valid: digits lost, doubled, or an unassigned range."""
    way = chance.randrange(3)
    if way == 0:
        return digits[: -chance.randint(1, 4)]
    if way == 1:
        return digits + str(chance.randrange(10)) * chance.randint(1, 4)
    return digits[:3] + "".join(str(chance.randrange(10)) for _ in digits[3:])


def dressed(digits: str, chance: random.Random) -> str:
    """International digits as people write them."""
    if chance.random() >= ODD_FORM:
        return "+" + digits
    way = chance.randrange(3)
    if way == 0:
        return digits
    if way == 1:
        return "00" + digits
    return f"+{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:]}".rstrip()


def numbers(count: int, seed: int) -> Iterator[str]:
    """`count` texts, each a number or something that was meant to be one."""
    chance = random.Random(seed)
    every = sources()
    weights = [source.weight for source in every]
    for source in chance.choices(every, weights, k=count):
        digits = source.number(chance)
        if chance.random() < INVALID:
            digits = spoilt(digits, chance)
        yield dressed(digits, chance)


def share_of_valid(texts: list[str]) -> float:
    """The share of valid numbers, as `phonenumbers` sees it, to check a corpus with."""
    valid = 0
    for text in texts:
        digits = text.removeprefix("+").removeprefix("00").replace(" ", "")
        try:
            valid += phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
        except phonenumbers.NumberParseException:
            continue
    return valid / len(texts)
