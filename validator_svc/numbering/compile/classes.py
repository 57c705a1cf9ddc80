"""Classes of numbers that are answered alike."""

from typing import NamedTuple

from validator_svc.numbering.compile.shapes import Shape
from validator_svc.numbering.facts import RangeFacts


class NumberClass(NamedTuple):
    """All that holds for every number of one class; only the digits differ."""

    calling_code: int
    """ITU-T E.164 country calling code."""
    facts: RangeFacts
    shape: Shape
    """The national format."""
    length: int
    """Digits of the national (significant) number."""
