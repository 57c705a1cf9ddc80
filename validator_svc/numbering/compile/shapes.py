"""National formats: how people of a country group the digits of their numbers.

A shape says what to write for a number of one length: pieces of text, and slices of its digits.
"""

import re

from phonenumbers.phonemetadata import NumberFormat

from validator_svc.numbering.compile.patterns import UnsupportedPatternError

Shape = tuple[str | tuple[int, int], ...]
"""Literal text, or (start, stop) of a slice of the national (significant) number."""

# Digits of other scripts: `\d` matches them, no format writes them, so they show where each went.
MARKERS = "".join(chr(zero + value) for zero in (0x0660, 0x0966) for value in range(10))

GROUPS_OF_ANY_DIGITS = re.compile(r"(?:\(\\d(?:\{\d+(?:,\d+)?\})?\))+")
FIRST_GROUP = re.compile(r"(\\\d)")


def shape_of(number_format: NumberFormat, length: int) -> Shape | None:
    """How `number_format` writes a number of `length` digits; None when it does not take that length.

    Raises UnsupportedPatternError when the grouping may depend on the digits.
    """
    pattern, rule = number_format.pattern or "", number_format.format or ""
    if not GROUPS_OF_ANY_DIGITS.fullmatch(pattern):
        raise UnsupportedPatternError(pattern)
    markers = MARKERS[:length]
    if not re.fullmatch(pattern, markers):
        return None
    if number_format.national_prefix_formatting_rule:
        rule = FIRST_GROUP.sub(number_format.national_prefix_formatting_rule, rule, count=1)
    return pieces(re.sub(pattern, rule, markers), markers)


def pieces(written: str, markers: str) -> Shape:
    """The shape behind a number that was written with markers for its digits."""
    shape: list[str | tuple[int, int]] = []
    for character in written:
        index = markers.find(character)
        last = shape[-1] if shape else None
        if index < 0:
            shape[-1:] = [last + character] if isinstance(last, str) else [*shape[-1:], character]
        elif isinstance(last, tuple) and last[1] == index:
            shape[-1] = (last[0], index + 1)
        else:
            shape.append((index, index + 1))
    return tuple(shape)


def write(shape: Shape, nsn: str) -> str:
    """A national (significant) number in the format of a shape."""
    return "".join(part if isinstance(part, str) else nsn[part[0] : part[1]] for part in shape)


def unformatted(length: int) -> Shape:
    """The shape of a number for which the country has no format: its digits."""
    return ((0, length),)
