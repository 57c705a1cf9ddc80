"""Proof that a walk through a plan file can do no harm, whatever its bytes: it ends within the digits
there are, and reads no digit, leaf, record, shape or rewriting that is not there.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from validator_svc.kernel.plan import Plan
from validator_svc.numbering import facts
from validator_svc.numbering.plan_file import (
    BLOCK,
    LEAF,
    LENGTHS,
    MAX_DIGITS,
    MAX_LITERAL,
    MIN_DIGITS,
    MIN_REGION_DIGITS,
    OP,
    PIECE,
    REGION_LENGTHS,
    SHAPE,
    Goal,
    LeafKind,
    PlanFileError,
    Section,
    Source,
)

MOST_COPIED = 32
"""Digits that are written in one go."""
# What would have to be escaped or quoted in a national format.
UNWANTED = frozenset(b'"\\\t,;|')


class Reach(NamedTuple):
    """What a walk from some place on may ask for."""

    depth: int
    """Steps to a leaf, at most."""
    digits: int
    """International digits that what it ends in reads, at most."""


NOTHING = Reach(0, 0)


def prove(plan: Plan) -> None:
    """Raises PlanFileError naming what is not sound."""
    if plan.sections[Section.CHARS] and max(plan.sections[Section.CHARS]) >= plan.counts[Section.GLYPHS]:
        raise PlanFileError(f"a block of {BLOCK} characters is not there")
    leaves = reach_of_leaves(plan)
    nodes = reach_of_nodes(references(plan, Section.NODES), leaves)
    for root, length in roots_of(plan):
        if not -len(leaves) <= root < len(nodes):
            raise PlanFileError("a root is not there")
        reach = nodes[root] if root >= 0 else leaves[~root]
        if max(reach) > length:
            raise PlanFileError(f"a walk of {length} digits asks for more")


def references(plan: Plan, section: Section) -> "array[int]":
    """The references in a section."""
    return array("h" if plan.width == 2 else "i", bytes(plan.sections[section]))


def roots_of(plan: Plan) -> Iterator[tuple[int, int]]:
    """Each root with the count of digits that it is for."""
    for place, root in enumerate(references(plan, Section.ROOTS)):
        yield root, MIN_DIGITS + place % LENGTHS
    for place, root in enumerate(references(plan, Section.REGION_ROOTS)):
        yield root, MIN_REGION_DIGITS + place % REGION_LENGTHS


def reach_of_leaves(plan: Plan) -> list[Reach]:
    """By leaf. Raises PlanFileError."""
    shapes = digits_of_shapes(plan)
    ops = [digits_of_op(*op) for op in OP.iter_unpack(plan.sections[Section.OPS])]
    reasons = len(facts.REASONS)
    found: list[Reach] = []
    for kind, is_valid, a, b, _ in LEAF.iter_unpack(plan.sections[Section.LEAVES]):
        if kind == LeafKind.RECORD and a < reasons and b in tuple(Source) and not is_valid:
            found.append(NOTHING)
        elif kind == LeafKind.RECORD and reasons <= a < len(plan.records) and b < len(shapes):
            if is_valid != (plan.records[a].facts.reason is None):
                raise PlanFileError("a leaf and its record differ in whether numbers are valid")
            found.append(Reach(0, shapes[b]))
        elif kind == LeafKind.REWRITE and a < len(ops):
            found.append(Reach(0, ops[a]))
        elif kind == LeafKind.SLOW:
            found.append(NOTHING)
        else:
            raise PlanFileError(f"leaf {len(found)} ends in nothing that is there")
    return found


def digits_of_op(
    size: int, literal: bytes, start: int, stop: int, drop: int, goal: int, source: int, _: int
) -> int:
    """How many digits a rewriting reads. Raises PlanFileError."""
    is_sound = (
        size <= MAX_LITERAL
        and all(digit in b"0123456789" for digit in literal[:size])
        and start <= stop
        and goal in tuple(Goal)
        and source in tuple(Source)
    )
    if not is_sound:
        raise PlanFileError("a rewriting that cannot be done")
    return max(stop, drop)


def digits_of_shapes(plan: Plan) -> list[int]:
    """How many digits each shape reads. Raises PlanFileError."""
    texts = plan.sections[Section.TEXT]
    pieces: list[int] = []
    for size, start, length, _, offset in PIECE.iter_unpack(plan.sections[Section.PIECES]):
        literal = texts[offset : offset + size]
        if len(literal) != size or any(not 32 <= byte < 127 or byte in UNWANTED for byte in literal):
            raise PlanFileError("a text of a national format that cannot be written")
        if start + length > MAX_DIGITS or length > MOST_COPIED:
            raise PlanFileError("a national format of more digits than there are")
        pieces.append(start + length)
    found: list[int] = []
    for first, count in SHAPE.iter_unpack(plan.sections[Section.SHAPES]):
        if first + count > len(pieces) or count > MAX_DIGITS:
            raise PlanFileError("a national format of pieces that are not there")
        found.append(max(pieces[first : first + count], default=0))
    return found


def reach_of_nodes(nodes: "array[int]", leaves: Sequence[Reach]) -> list[Reach]:
    """By node; each leads to smaller ones, so that no walk goes round. Raises PlanFileError."""
    found: list[Reach] = []
    for first in range(0, len(nodes), 10):
        successors = set(nodes[first : first + 10])
        if min(successors) < -len(leaves) or max(successors) >= len(found):
            raise PlanFileError(f"node {len(found)} leads where nothing is")
        reaches = [found[each] if each >= 0 else leaves[~each] for each in successors]
        depth = 1 + max(reach.depth for reach in reaches)
        found.append(Reach(depth, max(reach.digits for reach in reaches)))
    return found
