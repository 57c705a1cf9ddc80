"""Walking the plan in plain Python: digits to the record they belong to."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from validator_svc.kernel.plan import Plan
from validator_svc.kernel.soundness import prove, references
from validator_svc.numbering import facts
from validator_svc.numbering.plan_file import (
    LEAF,
    LENGTHS,
    MAX_DIGITS,
    MAX_REWRITINGS,
    MIN_DIGITS,
    MIN_REGION_DIGITS,
    OP,
    PIECE,
    REGION_LENGTHS,
    SHAPE,
    Goal,
    LeafKind,
    Section,
    Source,
)

REASONS = len(facts.REASONS)
"""Smaller record ids are those of reasons: there is no number."""
UNKNOWN_CODE = facts.REASONS.index(facts.INVALID_COUNTRY_CODE)
ZERO = ord("0")
TOO_LONG = facts.REASONS.index(facts.TOO_LONG)

MOST_NUMBER_DIGITS = 19
"""As many as 64 bits always hold."""

Format = Callable[[str], str]
"""Writes international digits in a national format."""


class Place(NamedTuple):
    """Where a number stands in the plan."""

    record_id: int
    is_valid: bool
    digits: str
    """International digits; empty where there is no number."""
    shape: int
    """The national format: its place among the shapes; 0 where there is no number."""
    source: Source

    @property
    def number(self) -> int:
        """The digits of a valid number, where 64 bits hold them; else 0."""
        return int(self.digits) if self.is_valid and len(self.digits) <= MOST_NUMBER_DIGITS else 0


class Op(NamedTuple):
    """A rewriting; see `plan_file`."""

    literal: str
    start: int
    stop: int
    drop: int
    goal: Goal
    source: Source


class Numbers(NamedTuple):
    """Numbers that are alike in all but their digits."""

    record_id: int
    is_valid: bool
    shape: int


Leaf = Numbers | Place | Op | None
"""Where a walk ends; a place is that of no number, None is for `phonenumbers` to say."""


class Walker:
    """Walks one plan."""

    def __init__(self, plan: Plan) -> None:
        """Raises PlanFileError when a walk would not be sound."""
        if not plan.is_proven:
            prove(plan)
            plan.is_proven = True
        self.nodes = references(plan, Section.NODES).tolist()
        ops = [read_op(*op) for op in OP.iter_unpack(plan.sections[Section.OPS])]
        self.leaves = [
            read_leaf(kind, bool(is_valid), a, b, ops)
            for kind, is_valid, a, b, _ in LEAF.iter_unpack(plan.sections[Section.LEAVES])
        ]
        self.roots = references(plan, Section.ROOTS)
        self.regions = plan.regions
        self.region_roots = references(plan, Section.REGION_ROOTS)

    def international(self, digits: str) -> Place | None:
        """The place of `+digits`, MIN_DIGITS at least; None when `phonenumbers` must say."""
        begin = digits[:MAX_DIGITS]
        place = self.walk(self.roots[len(begin) - MIN_DIGITS], begin)
        return place if len(digits) <= MAX_DIGITS else of_many(place)

    def stripped(self, digits: str) -> Place | None:
        """The place of an E.164 number's digits, whose national prefix has been dealt with."""
        return self.walk(self.roots[LENGTHS + len(digits) - MIN_DIGITS], digits)

    def as_dialled(self, digits: str, region_code: str) -> Place | None:
        """The place of digits as they are dialled in a region, MIN_REGION_DIGITS at least; None when
        `phonenumbers` must say.
        """
        begin = digits[:MAX_DIGITS]
        first = REGION_LENGTHS * self.regions[region_code] - MIN_REGION_DIGITS
        place = self.walk(self.region_roots[first + len(begin)], begin)
        return place if len(digits) <= MAX_DIGITS else of_many(place)

    def walk(self, reference: int, digits: str) -> Place | None:
        nodes = self.nodes
        source = Source.INTERNATIONAL
        for _ in range(MAX_REWRITINGS + 1):
            for digit in digits.encode():
                if reference < 0:
                    break
                reference = nodes[10 * reference + digit - ZERO]
            leaf = self.leaves[~reference]
            if isinstance(leaf, Numbers):
                return Place(leaf.record_id, leaf.is_valid, digits, leaf.shape, source)
            if isinstance(leaf, Place):
                return leaf if source == Source.INTERNATIONAL else leaf._replace(source=source)
            if leaf is None:
                return None
            source = source or leaf.source
            digits = leaf.literal + digits[leaf.start : leaf.stop] + digits[leaf.drop :]
            if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
                return None
            reference = self.roots[LENGTHS * leaf.goal + len(digits) - MIN_DIGITS]
        return None


def of_many(beginning: Place | None) -> Place | None:
    """The place of more digits than the plan goes into, whatever is taken off in front: they only differ in
    how they begin.
    """
    if beginning is None or beginning.record_id == UNKNOWN_CODE:
        return beginning
    return Place(TOO_LONG, False, "", 0, beginning.source)


def read_leaf(kind: int, is_valid: bool, a: int, b: int, ops: Sequence[Op]) -> Leaf:
    if kind == LeafKind.RECORD:
        return Place(a, False, "", 0, Source(b)) if a < REASONS else Numbers(a, is_valid, b)
    return ops[a] if kind == LeafKind.REWRITE else None


def read_op(
    size: int, literal: bytes, start: int, stop: int, drop: int, goal: int, source: int, _: int
) -> Op:
    return Op(literal[:size].decode(), start, stop, drop, Goal(goal), Source(source))


def formats_of(plan: Plan) -> list[Format]:
    """What writes digits, by shape."""
    texts = bytes(plan.sections[Section.TEXT])
    pieces = [
        (texts[offset : offset + size].decode(), slice(start, start + length))
        for size, start, length, _, offset in PIECE.iter_unpack(plan.sections[Section.PIECES])
    ]
    shapes = SHAPE.iter_unpack(plan.sections[Section.SHAPES])
    return [format_of(pieces[first : first + count]) for first, count in shapes]


def format_of(pieces: list[tuple[str, slice]]) -> Format:
    template = "".join(literal.replace("%", "%%") + "%s" for literal, _ in pieces)
    kept = [digits for _, digits in pieces]
    return lambda digits: template % tuple([digits[each] for each in kept])
