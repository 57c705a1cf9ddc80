"""Which regions the numbers behind a carrier prefix belong to.

A prefix of `phonenumbers`' carrier data begins with a country calling code, and a calling code may
be shared (+7, +44, +262, ...). Only whole numbers have a region, so numbers are made up behind
the prefix and `phonenumbers` is asked for the region of each.
"""

import itertools
import random
from collections.abc import Iterator

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber, region_code_for_number

# No plan tells regions apart deeper than this many digits behind a carrier prefix.
TRIED_DIGITS = 2


def regions_of(prefix: str) -> tuple[str, ...]:
    """Regions (ISO 3166-1 alpha-2, sorted) that have valid numbers beginning with `prefix`.

    `prefix` is digits with the calling code, no `+` (`447781`). Non-geographic codes give `001`.
    """
    calling_code = calling_code_of(prefix)
    candidates = COUNTRY_CODE_TO_REGION_CODE[calling_code]
    if len(candidates) == 1:
        return candidates
    found = map(region_code_for_number, numbers_behind(prefix, calling_code, candidates))
    return tuple(sorted({region_code for region_code in found if region_code}))


def calling_code_of(prefix: str) -> int:
    """The ITU-T E.164 country calling code with which `prefix` begins; no code begins with another."""
    return next(
        code for code in (int(prefix[:length]) for length in (1, 2, 3)) if code in COUNTRY_CODE_TO_REGION_CODE
    )


def numbers_behind(prefix: str, calling_code: int, regions: tuple[str, ...]) -> Iterator[PhoneNumber]:
    """Numbers of every length that `regions` use, valid or not, the longest first.

    All next digits are tried, the others are random and the same in each run.
    """
    national = prefix.removeprefix(str(calling_code))
    chance = random.Random(prefix)  # noqa: S311 - sampling, not secrets
    for length in sorted({length for region in regions for length in lengths_of(region)}, reverse=True):
        missing = length - len(national)
        if missing < 0:
            continue
        for digits in itertools.product("0123456789", repeat=min(TRIED_DIGITS, missing)):
            rest = "".join(chance.choices("0123456789", k=missing - len(digits)))
            yield number_of(calling_code, national + "".join(digits) + rest)


def lengths_of(region_code: str) -> tuple[int, ...]:
    """Lengths in digits of the region's national numbers."""
    metadata = PhoneMetadata.metadata_for_region(region_code)
    return metadata.general_desc.possible_length if metadata and metadata.general_desc else ()


def number_of(calling_code: int, national: str) -> PhoneNumber:
    """A number as `phonenumbers` holds it: leading zeros apart from the digits."""
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=calling_code,
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
