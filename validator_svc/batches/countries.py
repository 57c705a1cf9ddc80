"""The country that a row names: an ISO code, a calling code, or an English name."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import phonenumbers

# What people write and the locale data does not have.
OTHER_NAMES = {
    "USA": "US",
    "U.S.A.": "US",
    "UNITED STATES OF AMERICA": "US",
    "UK": "GB",
    "GREAT BRITAIN": "GB",
    "ENGLAND": "GB",
    "UAE": "AE",
    "CZECH REPUBLIC": "CZ",
    "TURKEY": "TR",
    "IVORY COAST": "CI",
    "HONG KONG": "HK",
    "MACAU": "MO",
    "VIET NAM": "VN",
    "KOREA": "KR",
    "HOLLAND": "NL",
}


@cache
def regions_by_name() -> dict[str, str]:
    """English names of countries in capitals, to ISO 3166-1 alpha-2."""
    names = {
        english(data).upper(): code
        for code, data in locale_data().items()
        if "en" in data and code in phonenumbers.SUPPORTED_REGIONS
    }
    return names | OTHER_NAMES


def english(names: dict[str, str]) -> str:
    """The English name of a country; `*xx` stands for the name in the language xx."""
    name = names["en"]
    return names[name[1:]] if name.startswith("*") else name


def locale_data() -> dict[str, dict[str, str]]:
    """The names of countries in many languages, that come with phonenumbers.

    The file is loaded by itself: its package would bring 100 MB of place names along.
    """
    path = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    data: dict[str, dict[str, str]] = module.LOCALE_DATA
    return data


@cache
def region_named(text: str) -> str | None:
    """The region code (ISO 3166-1 alpha-2) that `text` stands for; None when it stands for none.

    `ID`, `62`, `+62` and `Indonesia` are the same. Of countries that share a calling code the main
    one is taken.
    """
    name = text.strip().upper()
    if name in phonenumbers.SUPPORTED_REGIONS:
        return name
    digits = name.removeprefix("+").removeprefix("00")
    if digits.isascii() and digits.isdigit() and len(digits) <= 3:
        region_code = phonenumbers.region_code_for_country_code(int(digits))
        return region_code if region_code in phonenumbers.SUPPORTED_REGIONS else None
    return regions_by_name().get(name)
