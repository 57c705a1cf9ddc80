"""One calling code's metadata, asked as `phonenumbers` asks it, about numbers of which only the
first digits are known.

Each method follows a function of `phonenumbers.phonenumberutil` (its name is given) and raises
UndecidedError where the answer depends on digits still to come.
"""

from typing import NamedTuple, Protocol

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberType
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc
from phonenumbers.phonenumberutil import is_number_type_geographical

from validator_svc.numbering import facts
from validator_svc.numbering.compile.automaton import ALWAYS, automaton
from validator_svc.numbering.compile.classes import NumberClass
from validator_svc.numbering.compile.lengths import general_desc_of, reason_of_length
from validator_svc.numbering.compile.prefixes import PrefixTree, Value, carriers_of, time_zones_of
from validator_svc.numbering.compile.shapes import Shape, shape_of, unformatted
from validator_svc.numbering.facts import RangeFacts
from validator_svc.numbering.reference import LINE_TYPE, NON_GEOGRAPHIC_REGION, is_portable

States = tuple[int, ...]

# In the order in which `phonenumbers` asks; fixed line and mobile come last, and are mixed.
TYPES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)
LINE_TYPE_OF = {name: LINE_TYPE[getattr(PhoneNumberType, name.upper())] for name in TYPES}
HAVE_CARRIERS = frozenset({facts.MOBILE, facts.LANDLINE_OR_MOBILE, facts.PAGER})


class UndecidedError(Exception):
    """The answer depends on digits that are not known yet."""


class Part(Protocol):
    """One question about a number, as an automaton over its digits."""

    start: int

    def step(self, state: int, digit: int) -> int: ...
    def settle(self, state: int, left: int) -> int: ...


class Region(NamedTuple):
    """One region's patterns, as indexes of parts; None where there is nothing to match."""

    region_code: str
    leading_digits: int | None
    general: int
    types: dict[str, int]
    same_mobile_and_fixed_line: bool


class Territory:
    """The numbers of one calling code with one length of the national (significant) number.

    `parts` are the automata whose states, together, say all that is known of a number.
    """

    def __init__(self, calling_code: int, length: int) -> None:
        """Raises UnsupportedPatternError."""
        self.calling_code = calling_code
        self.length = length
        self.parts: list[Part] = []
        self.indexes: dict[tuple[str, bool], int] = {}
        main = main_metadata(calling_code)
        self.reason = reason_of_length(general_desc_of(main), length)
        self.carriers = carriers_of(calling_code)
        self.carrier = self.add(self.carriers)
        self.zones = time_zones_of(calling_code)
        self.zone = self.add(self.zones)
        self.formats = self.formats_of(main)
        self.regions = [self.region(code) for code in COUNTRY_CODE_TO_REGION_CODE[calling_code]]

    def add(self, part: Part) -> int:
        self.parts.append(part)
        return len(self.parts) - 1

    def pattern(self, pattern: str, prefix: bool = False) -> int:
        """The index of the part for a pattern."""
        if (pattern, prefix) not in self.indexes:
            self.indexes[pattern, prefix] = self.add(automaton(pattern, prefix))
        return self.indexes[pattern, prefix]

    def description(self, desc: PhoneNumberDesc | None) -> int | None:
        """_is_number_matching_desc, as far as the length decides it."""
        if desc is None or not desc.national_number_pattern:
            return None
        if desc.possible_length and self.length not in desc.possible_length:
            return None
        return self.pattern(desc.national_number_pattern)

    def region(self, region_code: str) -> Region:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(self.calling_code, region_code)
        assert metadata is not None
        leading = metadata.leading_digits
        described = {name: self.description(getattr(metadata, name)) for name in TYPES}
        general = self.description(metadata.general_desc)
        return Region(
            region_code,
            self.pattern(leading, prefix=True) if leading is not None else None,
            -1 if general is None else general,
            {name: index for name, index in described.items() if index is not None},
            metadata.same_mobile_and_fixed_line_pattern,
        )

    def formats_of(self, main: PhoneMetadata) -> list[tuple[int | None, Shape]]:
        """The formats that take this length, each with its leading digits' part."""
        formats: list[tuple[int | None, Shape]] = []
        for each in main.number_format:
            shape = shape_of(each, self.length)
            if shape is not None:
                last = each.leading_digits_pattern[-1:]
                formats.append((self.pattern(last[0], prefix=True) if last else None, shape))
        return formats

    def begin(self) -> States:
        """What is known before the first digit."""
        return tuple(part.settle(part.start, self.length) for part in self.parts)

    def step(self, states: States, digit: int, left: int) -> States:
        """What is known after one more digit, with `left` still to come."""
        return tuple(
            state if state <= ALWAYS else part.settle(part.step(state, digit), left)
            for part, state in zip(self.parts, states, strict=True)
        )

    def classify(self, states: States) -> NumberClass:
        return NumberClass(self.calling_code, self.facts_of(states), self.shape_of(states), self.length)

    def facts_of(self, states: States) -> RangeFacts:
        region = self.region_of(states)
        line_type = self.type_of(region, states) if region else None
        if region is None or line_type is None:
            return RangeFacts(self.reason)
        region_code = None if region.region_code == NON_GEOGRAPHIC_REGION else region.region_code
        return RangeFacts(
            reason=None,
            region_code=region_code,
            line_type=line_type,
            original_carrier=self.carrier_of(line_type, states),
            time_zones=self.time_zones_of(line_type, states),
            is_portable=is_portable(region_code),
        )

    def region_of(self, states: States) -> Region | None:
        """region_code_for_number"""
        if len(self.regions) == 1:
            return self.regions[0]
        for region in self.regions:
            if region.leading_digits is not None:
                if holds(states[region.leading_digits]):
                    return region
            elif self.type_of(region, states) is not None:
                return region
        return None

    def type_of(self, region: Region, states: States) -> str | None:
        """_number_type_helper"""
        if region.general < 0 or not holds(states[region.general]):
            return None
        for name, part in region.types.items():
            if name not in ("fixed_line", "mobile") and holds(states[part]):
                return LINE_TYPE_OF[name]
        fixed, mobile = region.types.get("fixed_line"), region.types.get("mobile")
        if fixed is not None and holds(states[fixed]):
            both = region.same_mobile_and_fixed_line or (mobile is not None and holds(states[mobile]))
            return facts.LANDLINE_OR_MOBILE if both else facts.LANDLINE
        if not region.same_mobile_and_fixed_line and mobile is not None and holds(states[mobile]):
            return facts.MOBILE
        return None

    def carrier_of(self, line_type: str, states: States) -> str | None:
        """carrier.name_for_number"""
        if line_type not in HAVE_CARRIERS:
            return None
        return settled_value(self.carriers, states[self.carrier]) or None

    def time_zones_of(self, line_type: str, states: States) -> tuple[str, ...]:
        """timezone.time_zones_for_number"""
        if line_type in geographic_line_types(self.calling_code):
            return settled_value(self.zones, states[self.zone]) or ()
        return self.zones.found[self.zones.start] or ()

    def shape_of(self, states: States) -> Shape:
        """_choose_formatting_pattern_for_number"""
        for leading, shape in self.formats:
            if leading is None or holds(states[leading]):
                return shape
        return unformatted(self.length)


def main_metadata(calling_code: int) -> PhoneMetadata:
    """The metadata of the region that decides formats and national prefixes for a calling code."""
    region_code = COUNTRY_CODE_TO_REGION_CODE[calling_code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region_code)
    assert metadata is not None
    return metadata


def holds(state: int) -> bool:
    if state > ALWAYS:
        raise UndecidedError
    return state == ALWAYS


def settled_value(tree: PrefixTree[Value], state: int) -> Value | None:
    if not tree.is_settled(state):
        raise UndecidedError
    return tree.found[state]


def geographic_line_types(calling_code: int) -> frozenset[str]:
    """Types whose numbers belong to places, so that their time zones go by prefix."""
    return frozenset(
        name
        for number_type, name in LINE_TYPE.items()
        if is_number_type_geographical(number_type, calling_code)
    )
