"""The country that a row names: an ISO code, a calling code, or a name."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

from validator_svc.numbering.country_names import known_names
from validator_svc.numbering.reading import begins_international
from validator_svc.numbering.tidying import tidied, without_decimals

UNKNOWN = "unknown"
"""Stands in place of a region code for what is not the name of any country."""

# No name of a country is as long. Of as many different cells few would come again.
MOST_CHARS = 100
MOST_CELLS = 4_096

CALLING_CODE = re.compile(r"\+?\d+(?:[ -]\d+)*")
BETWEEN_PARTS = re.compile(r"[()\[\]/|:;,]| [-\u2013\u2014] ")
NANP = 1
AREA_CODE_DIGITS = 3


def regions_of(cells: Iterable[str], texts: Iterable[str | None]) -> list[str | None]:
    """For each row the region that its cell names; None for none, UNKNOWN where the row cannot be read.

    An international number can be read whatever country its row names.
    """
    return [region_of(cell, text) for cell, text in zip(cells, texts, strict=True)]


def region_of(cell: str, text: str | None) -> str | None:
    """The same for one row; `text` None is a line that could not be read anyway."""
    region = region_named(cell[:MOST_CHARS])
    if region == UNKNOWN and (text is None or begins_international(text)):
        return None
    return region


@lru_cache(MOST_CELLS)
def region_named(cell: str) -> str | None:
    """The region code (ISO 3166-1 alpha-2) that a cell stands for; None for an empty one, else UNKNOWN.

    `ID`, `IDN`, `62`, `+62`, `Indonesia` and `Indonesia (+62)` are the same. Of countries that share a
    calling code the main one is taken.
    """
    name = unicodedata.normalize("NFKC", without_decimals(tidied(cell)))
    if not name:
        return None
    return region_calling(name) or known_names().region(name) or region_of_parts(name) or UNKNOWN


def region_calling(text: str) -> str | None:
    """The region of a calling code: `62`, `+62`, `0062`, `+1-684`; None for what is none."""
    digits = "".join(c for c in text if c not in " -().").removeprefix("+").removeprefix("00")
    if not digits.isdecimal() or len(digits) > len(str(NANP)) + AREA_CODE_DIGITS:
        return None
    code = int(digits)
    region = phonenumbers.region_code_for_country_code(code)
    if region in phonenumbers.SUPPORTED_REGIONS:
        return region
    calling_code, area_code = divmod(code, 10**AREA_CODE_DIGITS)
    return region_of_area(str(area_code)) if calling_code == NANP else None


def region_of_area(area_code: str) -> str | None:
    """The region of a NANP area code that is a whole country's."""
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[NANP]:
        metadata = PhoneMetadata.metadata_for_region(region)
        if metadata and metadata.leading_digits and re.fullmatch(metadata.leading_digits, area_code):
            return region
    return None


def region_of_parts(text: str) -> str | None:
    """The region that every part of `Indonesia (+62)`, `DE - Germany` or `+1 US` stands for."""
    codes = [re.sub(r"\D", "", code) for code in CALLING_CODE.findall(text)]
    parts = [part.strip() for part in BETWEEN_PARTS.split(CALLING_CODE.sub(",", text))]
    regions = {known_names().region(part) for part in parts if part}
    if len(regions) != 1 or (region := regions.pop()) is None:
        return None
    calling_code = str(phonenumbers.country_code_for_region(region))
    return region if all(code.removeprefix("00").startswith(calling_code) for code in codes) else None
