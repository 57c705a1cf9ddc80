"""What countries are called: codes, and names in many languages, compared without what varies.

Names come from data/countries.toml, and from the locale data of `phonenumbers`, which has those of
some twenty languages; where the two differ, or a name means two countries, the first counts.
"""

import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import phonenumbers

Key = tuple[str, ...]

# Letters that Unicode does not take apart.
ALIKE = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
ASCII_BETWEEN = str.maketrans(dict.fromkeys((c for c in map(chr, range(128)) if not c.isalnum()), " "))
LEFT_OUT = frozenset({"the", "of", "and", "und", "et", "y", "e"})
SHORT_FORMS = {"st": "saint", "ste": "saint", "is": "islands", "rep": "republic", "dem": "democratic"}
LONGEST_CODE = 3


class Names(NamedTuple):
    """What is known. Regions are ISO 3166-1 alpha-2, all with a numbering plan."""

    codes: dict[str, str]
    """Codes in capitals, to regions."""
    names: dict[Key, str]
    """See `key_of`."""
    generic: frozenset[str]
    """Words that a name may do without, where the rest of it is known."""

    def region(self, name: str) -> str | None:
        """The region of a code or a name, however it is spelled; None for what is neither."""
        words = words_of(name)
        # Accents make `Áo` another word than `AO`.
        is_code = len(words) == 1 and name.isascii()
        code = self.codes.get(name.upper()) or (self.codes.get(words[0].upper()) if is_code else None)
        region = code or self.names.get(key_of(words))
        if region is None and not self.generic.isdisjoint(words):
            region = self.names.get(key_of(set(words) - self.generic))
        return region


class ColumnWords(NamedTuple):
    """Words in the names of columns."""

    country: frozenset[str]
    """Of columns that hold countries."""
    other: frozenset[str]
    """Of columns that hold codes which look like those of countries."""


@cache
def table_of_countries() -> dict[str, Any]:
    """data/countries.toml."""
    path = resources.files("validator_svc.numbering").joinpath("data/countries.toml")
    return tomllib.loads(path.read_text("utf-8"))


@cache
def column_words() -> ColumnWords:
    """What columns are called."""
    listed = table_of_countries()["columns"]
    country, other = (
        frozenset(word for name in listed[kind] for word in words_of(name)) for kind in ("country", "other")
    )
    return ColumnWords(country, other)


@cache
def known_names() -> Names:
    """All codes and names, read at their first use."""
    data = table_of_countries()
    table: dict[str, list[str]] = data["regions"]
    names = locale_names()
    codes = {region: region for region in phonenumbers.SUPPORTED_REGIONS}
    for region, listed in table.items():
        for name in listed:
            if is_code(name):
                codes[name] = region
            else:
                names[key_of(words_of(name))] = region
    names.pop((), None)
    return Names(codes, names, frozenset(data["generic"]))


def is_code(name: str) -> bool:
    """Whether an entry of the table is a code."""
    return len(name) <= LONGEST_CODE and name.isascii() and name.isalpha() and name.isupper()


def words_of(name: str) -> list[str]:
    """The words of a name without case, accents and punctuation."""
    words = plain(name).split()
    return [word for word in words if word not in LEFT_OUT] or words


def plain(name: str) -> str:
    """The name in lower case, without accents, its words parted by blanks."""
    if name.isascii():
        return name.lower().translate(ASCII_BETWEEN)
    decomposed = unicodedata.normalize("NFKD", name).casefold().translate(ALIKE)
    return "".join(" " if is_between(c) else c for c in decomposed if not "\u0300" <= c <= "\u036f")


def is_between(character: str) -> bool:
    """Whether it stands between words: punctuation, symbols, blanks."""
    return unicodedata.category(character)[0] in "PSZC"


def key_of(words: Iterable[str]) -> Key:
    """The words in an order of ours: `Korea, Republic of` and `Republic of Korea` are one name."""
    return tuple(sorted({SHORT_FORMS.get(word, word) for word in words}))


def locale_names() -> dict[Key, str]:
    """The names that come with phonenumbers, but for those that mean two countries."""
    regions: defaultdict[Key, set[str]] = defaultdict(set)
    for region, names in locale_data():
        for name in names:
            regions[key_of(words_of(name))].add(region)
    return {key: found.pop() for key, found in regions.items() if len(found) == 1}


def locale_data() -> Iterator[tuple[str, list[str]]]:
    """Regions with a numbering plan and their names in many languages, as they come with phonenumbers.

    The file is loaded by itself: its package would bring 100 MB of place names along.
    """
    path = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    data: dict[str, dict[str, str]] = module.LOCALE_DATA
    for region, names in data.items():
        if region in phonenumbers.SUPPORTED_REGIONS:
            # `*xx` stands for the name in the language xx.
            yield region, [name for name in names.values() if not name.startswith("*")]
