"""The one graph of all numbers: nodes, leaves and what they point to, equal ones only once."""

from typing import NamedTuple

from validator_svc.numbering import facts
from validator_svc.numbering.compile.classes import NumberClass
from validator_svc.numbering.compile.national_prefix import Strip
from validator_svc.numbering.compile.patterns import UnsupportedPatternError
from validator_svc.numbering.compile.shapes import Shape
from validator_svc.numbering.plan_file import (
    MAX_DIGITS,
    MAX_LITERAL,
    MIN_DIGITS,
    Goal,
    LeafKind,
    PlanRecord,
    Source,
)
from validator_svc.numbering.risk import RISKY_CALLING_CODES

Reference = int
"""A node, or, below zero, a leaf (~reference)."""


class Leaf(NamedTuple):
    """See `plan_file`."""

    kind: LeafKind
    is_valid: bool
    a: int
    b: int


class Op(NamedTuple):
    """A rewriting of the digits; see `plan_file`."""

    strip: Strip
    goal: Goal
    source: Source


class Graph:
    """Grows from its leaves; what is added is found again by its value."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[Reference, ...], Reference] = {}
        self.leaves: dict[Leaf, int] = {}
        self.ops: dict[Op, int] = {}
        self.shapes: dict[Shape, int] = {}
        self.records: dict[PlanRecord, int] = {}
        self.reasons = {reason: number for number, reason in enumerate(facts.REASONS)}

    def node(self, successors: tuple[Reference, ...]) -> Reference:
        """A node with these ten successors; when they are one leaf, that leaf."""
        first = successors[0]
        if first < 0 and successors.count(first) == len(successors):
            return first
        return self.nodes.setdefault(successors, len(self.nodes))

    def leaf(self, leaf: Leaf) -> Reference:
        return ~self.leaves.setdefault(leaf, len(self.leaves))

    def slow(self) -> Reference:
        """For numbers that `phonenumbers` must answer."""
        return self.leaf(Leaf(LeafKind.SLOW, False, 0, 0))

    def reason(self, reason: str, source: Source = Source.INTERNATIONAL) -> Reference:
        """For digits that are no number, for `reason`."""
        return self.leaf(Leaf(LeafKind.RECORD, False, self.reasons[reason], source))

    def number(self, number_class: NumberClass) -> Reference:
        """For numbers of a class."""
        record = PlanRecord(number_class.facts, number_class.calling_code in RISKY_CALLING_CODES)
        number = len(self.reasons) + self.records.setdefault(record, len(self.records))
        skipped = len(str(number_class.calling_code))
        shape = tuple(
            part if isinstance(part, str) else (part[0] + skipped, part[1] + skipped)
            for part in number_class.shape
        )
        shape_number = self.shapes.setdefault(shape, len(self.shapes))
        is_valid = number_class.facts.reason is None
        return self.leaf(Leaf(LeafKind.RECORD, is_valid, number, shape_number))

    def rewriting(self, strip: Strip, length: int, goal: Goal, source: Source) -> Reference:
        """For digits (`length` of them) to be rewritten and walked again.

        Raises UnsupportedPatternError when the file has no room for the rewriting.
        """
        if len(strip.literal) > MAX_LITERAL or not MIN_DIGITS <= strip.length_of(length) <= MAX_DIGITS:
            raise UnsupportedPatternError(f"{strip} of {length} digits")
        op = Op(strip, goal, source)
        return self.leaf(Leaf(LeafKind.REWRITE, False, self.ops.setdefault(op, len(self.ops)), 0))
