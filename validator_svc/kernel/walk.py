"""Walking the plan in plain Python: digits to the record they belong to."""

from collections.abc import Callable, Sequence
from operator import itemgetter
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
TOO_LONG = facts.REASONS.index(facts.TOO_LONG)

MOST_NUMBER_DIGITS = 19
"""As many as 64 bits always hold."""

NO_PIECE = ("", slice(0))


class Place(NamedTuple):
    """A place in the plan: of all numbers that are alike but for their digits, or of texts without one."""

    record_id: int
    is_valid: bool
    shape: int
    """The national format: its place among the shapes; 0 where there is no number."""


Walked = tuple[Place, str, Source]
"""Where a walk ended; the international digits, empty where there is no number; how these said their country.

There is one for every number: to make a tuple with names takes seven times as long.
"""


class Op(NamedTuple):
    """A rewriting; see `plan_file`."""

    literal: str
    start: int
    stop: int
    drop: int
    goal: Goal
    source: Source


class NoNumber(NamedTuple):
    """Where digits lead that are no number."""

    place: Place
    source: Source


Leaf = Place | NoNumber | Op | None
"""Where a walk ends; the place is that of a number, None is for `phonenumbers` to say."""


class Format(NamedTuple):
    """A national format."""

    template: str
    """For `%`."""
    pieces: Callable[[str], str | tuple[str, ...]]
    """What goes there of the international digits."""

    def written(self, digits: str) -> str:
        """The digits in this format."""
        return self.template % self.pieces(digits)


class Walker:
    """Walks one plan."""

    def __init__(self, plan: Plan) -> None:
        """Raises PlanFileError when a walk would not be sound."""
        if not plan.is_proven:
            prove(plan)
            plan.is_proven = True
        # Behind so many others that the code of a digit tells its place in a node.
        self.nodes = [0] * ord("0") + references(plan, Section.NODES).tolist()
        ops = [read_op(*op) for op in OP.iter_unpack(plan.sections[Section.OPS])]
        self.leaves = [
            read_leaf(kind, bool(is_valid), a, b, ops)
            for kind, is_valid, a, b, _ in LEAF.iter_unpack(plan.sections[Section.LEAVES])
        ]
        self.roots = references(plan, Section.ROOTS)
        self.regions = plan.regions
        self.region_roots = references(plan, Section.REGION_ROOTS)

    def international(self, digits: str) -> Walked | None:
        """The place of `+digits`, MIN_DIGITS at least; None when `phonenumbers` must say."""
        begin = digits[:MAX_DIGITS]
        walked = self.walk(self.roots[len(begin) - MIN_DIGITS], begin)
        return walked if len(digits) <= MAX_DIGITS else of_many(walked)

    def stripped(self, digits: str) -> Walked | None:
        """The place of an E.164 number's digits, whose national prefix has been dealt with."""
        return self.walk(self.roots[LENGTHS + len(digits) - MIN_DIGITS], digits)

    def as_dialled(self, digits: str, region_code: str) -> Walked | None:
        """The place of digits as they are dialled in a region, MIN_REGION_DIGITS at least; None when
        `phonenumbers` must say.
        """
        begin = digits[:MAX_DIGITS]
        first = REGION_LENGTHS * self.regions[region_code] - MIN_REGION_DIGITS
        walked = self.walk(self.region_roots[first + len(begin)], begin)
        return walked if len(digits) <= MAX_DIGITS else of_many(walked)

    def walk(
        self, reference: int, digits: str, source: Source = Source.INTERNATIONAL, rewritings: int = 0
    ) -> Walked | None:
        nodes = self.nodes
        for digit in digits.encode():
            if reference < 0:
                break
            reference = nodes[10 * reference + digit]
        leaf = self.leaves[~reference]
        if isinstance(leaf, Place):
            return leaf, digits, source
        if isinstance(leaf, NoNumber):
            return leaf.place, "", source or leaf.source
        if leaf is None or rewritings == MAX_REWRITINGS:
            return None
        digits = leaf.literal + digits[leaf.start : leaf.stop] + digits[leaf.drop :]
        if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
            return None
        root = self.roots[LENGTHS * leaf.goal + len(digits) - MIN_DIGITS]
        return self.walk(root, digits, source or leaf.source, rewritings + 1)


def of_many(beginning: Walked | None) -> Walked | None:
    """The place of more digits than the plan goes into, whatever is taken off in front: they only differ in
    how they begin.
    """
    if beginning is None or beginning[0].record_id == UNKNOWN_CODE:
        return beginning
    return Place(TOO_LONG, False, 0), "", beginning[2]


def number_of(place: Place, digits: str) -> int:
    """The digits of a valid number, where 64 bits hold them; else 0."""
    return int(digits) if place.is_valid and len(digits) <= MOST_NUMBER_DIGITS else 0


def read_leaf(kind: int, is_valid: bool, a: int, b: int, ops: Sequence[Op]) -> Leaf:
    if kind == LeafKind.RECORD:
        return NoNumber(Place(a, False, 0), Source(b)) if a < REASONS else Place(a, is_valid, b)
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
    return [format_of(pieces[first : first + count] or [NO_PIECE]) for first, count in shapes]


def format_of(pieces: list[tuple[str, slice]]) -> Format:
    template = "".join(literal.replace("%", "%%") + "%s" for literal, _ in pieces)
    return Format(template, itemgetter(*[digits for _, digits in pieces]))
