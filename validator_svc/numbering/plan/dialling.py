"""Reading digits as somebody in a region would dial them.

The part of `phonenumbers.parse` that looks at the default region, for digits without a `+`.
"""

import re
from typing import NamedTuple

from phonenumbers.phonemetadata import PhoneMetadata

from validator_svc.numbering import facts
from validator_svc.numbering.plan.lengths import MAX_NSN, MIN_NSN, reason_of_length
from validator_svc.numbering.plan.trunk import Trunk


class Dialled(NamedTuple):
    """What was meant by dialled digits."""

    digits: str
    """International digits."""
    is_stripped: bool
    """Whether the national prefix has been dealt with; if not, the main region's rule is to come."""


class Dialling:
    """How numbers are dialled in one region."""

    def __init__(self, region_code: str) -> None:
        """`region_code`: one that `phonenumbers` supports."""
        metadata = PhoneMetadata.metadata_for_region(region_code)
        assert metadata is not None
        self.calling_code = str(metadata.country_code)
        self.trunk = Trunk(metadata)
        self.idd_pattern = metadata.international_prefix or ""
        """How numbers of other countries begin: the prefix for international direct dialling."""
        self.idd_prefix = re.compile(self.idd_pattern or "(?!)")

    def read(self, digits: str) -> Dialled | None:
        """What was meant by `digits` (MIN_VIABLE or more); None when it takes `phonenumbers` to say."""
        abroad = self.idd_prefix.match(digits)
        if abroad and digits[abroad.end() : abroad.end() + 1] != "0":
            return Dialled(digits[abroad.end() :], is_stripped=False)
        if digits.startswith(self.calling_code):
            nsn = self.trunk.strip_if_viable(digits[len(self.calling_code) :])
            if self.is_better_without_calling_code(digits, nsn):
                return Dialled(self.calling_code + nsn, is_stripped=False)
        nsn = self.trunk.strip(digits)
        return Dialled(self.calling_code + nsn, True) if MIN_NSN <= len(nsn) <= MAX_NSN else None

    def is_better_without_calling_code(self, digits: str, nsn: str) -> bool:
        """_maybe_extract_country_code, its part for numbers without an international prefix"""
        if not self.trunk.is_viable(digits) and self.trunk.is_viable(nsn):
            return True
        return self.is_too_long(len(digits))

    def is_too_long(self, length: int) -> bool:
        """Whether so many digits are too many for a number of the region."""
        return reason_of_length(self.trunk.general_desc, length) == facts.TOO_LONG
