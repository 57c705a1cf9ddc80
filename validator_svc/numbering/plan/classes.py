"""What a compiled numbering plan ends in: classes of numbers that are answered alike."""

from dataclasses import dataclass
from typing import NamedTuple

from validator_svc.numbering.facts import RangeFacts
from validator_svc.numbering.plan.shapes import Shape


class NumberClass(NamedTuple):
    """All that holds for every number of one class; only the digits differ."""

    calling_code: int
    """ITU-T E.164 country calling code."""
    facts: RangeFacts
    shape: Shape
    """The national format."""
    length: int
    """Digits of the national (significant) number."""


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Numbers from which a national prefix may have to come off first; `Trunk.strip` decides."""


Leaf = NumberClass | Prefixed
