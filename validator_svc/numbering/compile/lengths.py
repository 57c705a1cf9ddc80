"""What the length of a national number alone says: possible, too short, too long, local only."""

from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from validator_svc.numbering import facts

MIN_NSN = 2
MAX_NSN = 17
"""Lengths that `phonenumbers` accepts when parsing; German numbers exceed the 15 of ITU-T E.164."""

# After these a national prefix is put back, for the number was short enough with it.
KEEPS_PREFIX = frozenset({facts.TOO_SHORT, facts.LOCAL_ONLY, facts.INVALID_LENGTH})


def general_desc_of(metadata: PhoneMetadata) -> PhoneNumberDesc:
    """What is true of all numbers of a region."""
    assert metadata.general_desc is not None
    return metadata.general_desc


def reason_of_length(general_desc: PhoneNumberDesc, length: int) -> str:
    """Why a number of `length` digits that fits no range is not valid (one of `facts.REASONS`)."""
    possible = general_desc.possible_length
    if length in general_desc.possible_length_local_only:
        return facts.LOCAL_ONLY
    if length in possible:
        return facts.UNALLOCATED_RANGE
    if length < possible[0]:
        return facts.TOO_SHORT
    return facts.TOO_LONG if length > possible[-1] else facts.INVALID_LENGTH
