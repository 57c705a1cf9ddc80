"""Compiling a calling code: the product of its automata, walked digit by digit until all is decided.

The outcome is one acyclic graph: a node has ten successors, one a digit; equal nodes are one node.
"""

from typing import NamedTuple

from validator_svc.numbering.plan.classes import Leaf, Prefixed
from validator_svc.numbering.plan.lengths import MAX_NSN, MIN_NSN
from validator_svc.numbering.plan.territory import States, Territory, UndecidedError

# A reference: the number of a node, or, below zero, of a leaf (~reference is its index).
Reference = int


class CompiledCode(NamedTuple):
    """The numbering plan of one calling code, ready to be walked.

    `nodes` holds the ten successors of node n at 10 n. `dialled` has, for each length of the
    national number from MIN_NSN to MAX_NSN, where to begin for a number as it was written;
    `stripped` the same for one whose national prefix has been dealt with.
    """

    leaves: list[Leaf]
    nodes: list[Reference]
    dialled: list[Reference]
    stripped: list[Reference]


class Compiler:
    """Compiles one calling code."""

    def __init__(self, calling_code: int) -> None:
        self.calling_code = calling_code
        self.leaves: dict[Leaf, Reference] = {}
        self.nodes: dict[tuple[Reference, ...], Reference] = {}

    def compile(self) -> CompiledCode:
        """Raises UnsupportedPatternError."""
        dialled, stripped = [], []
        for length in range(MIN_NSN, MAX_NSN + 1):
            growth = Growth(self, Territory(self.calling_code, length))
            dialled.append(growth.grow(growth.territory.begin(strip=True), length))
            stripped.append(growth.grow(growth.territory.begin(strip=False), length))
        nodes = [successor for node in self.nodes for successor in node]
        return CompiledCode(list(self.leaves), nodes, dialled, stripped)

    def leaf(self, leaf: Leaf) -> Reference:
        return ~self.leaves.setdefault(leaf, len(self.leaves))

    def node(self, successors: tuple[Reference, ...]) -> Reference:
        first = successors[0]
        if first < 0 and successors.count(first) == len(successors):
            return first
        return self.nodes.setdefault(successors, len(self.nodes))


class Growth:
    """The part of the graph for numbers of one length."""

    def __init__(self, compiler: Compiler, territory: Territory) -> None:
        self.compiler = compiler
        self.territory = territory
        self.grown: dict[tuple[States, int], Reference] = {}

    def grow(self, states: States, left: int) -> Reference:
        """Where to go on from `states` with `left` digits still to come."""
        reference = self.grown.get((states, left))
        if reference is None:
            leaf = self.decide(states)
            reference = self.branch(states, left) if leaf is None else self.compiler.leaf(leaf)
            self.grown[states, left] = reference
        return reference

    def branch(self, states: States, left: int) -> Reference:
        after = [self.territory.step(states, digit, left - 1) for digit in range(10)]
        return self.compiler.node(tuple(self.grow(each, left - 1) for each in after))

    def decide(self, states: States) -> Leaf | None:
        """The leaf for all numbers in these states; None while it depends on the digits to come."""
        try:
            if self.territory.may_be_prefixed(states):
                return Prefixed()
            return self.territory.classify(states)
        except UndecidedError:
            return None
