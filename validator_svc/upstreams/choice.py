"""The operator's choice of suppliers: which may be asked for what, in which order.

Written as `telnyx:US,CA;twilio:analysis;wavix`: suppliers in the order in which they are asked, each with
the regions (ISO 3166-1 alpha-2) and types that it is asked for, all where none is named.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from validator_svc.numbering.facts import RequestType

REGION_CODE = re.compile("[A-Z]{2}")
TYPES: tuple[RequestType, ...] = ("analysis", "validation")


class Choice(NamedTuple):
    """One supplier, and what it is asked for."""

    name: str
    regions: frozenset[str] = frozenset()
    """ISO 3166-1 alpha-2; empty: all, and calling codes that belong to no country."""
    types: frozenset[str] = frozenset()
    """Empty: all."""

    def allows(self, request_type: RequestType, region_code: str | None) -> bool:
        """Whether it may be asked for this type of numbers of this region."""
        return (not self.types or request_type in self.types) and (
            not self.regions or region_code in self.regions
        )


def parse_choices(text: str, suppliers: Collection[str]) -> list[Choice]:
    """The choices as they are written; `suppliers` are the names that there are. Raises ValueError."""
    choices = [parse_choice(each.strip(), suppliers) for each in text.split(";") if each.strip()]
    names = [choice.name for choice in choices]
    if len(set(names)) < len(names):
        raise ValueError("names a supplier twice; expected each once, such as telnyx:US,CA;wavix")
    return choices


def parse_choice(text: str, suppliers: Collection[str]) -> Choice:
    """One supplier with what it is asked for. Raises ValueError."""
    name, _, rest = text.partition(":")
    if name.strip() not in suppliers:
        raise ValueError(f"{name.strip()!r} is no supplier; expected one of {', '.join(suppliers)}")
    words = [word.strip() for word in rest.split(",") if word.strip()]
    for word in words:
        if word not in TYPES and not REGION_CODE.fullmatch(word):
            raise ValueError(f"{word!r} is no region such as US, and no type ({' or '.join(TYPES)})")
    types = {word for word in words if word in TYPES}
    return Choice(name.strip(), frozenset(words) - types, frozenset(types))
