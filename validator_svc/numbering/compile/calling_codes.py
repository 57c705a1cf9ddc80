"""International numbers: from the first digit of the calling code to a leaf, for every length."""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from validator_svc.numbering import facts
from validator_svc.numbering.compile.graph import Graph, Reference
from validator_svc.numbering.compile.lengths import MAX_NSN, MIN_NSN
from validator_svc.numbering.compile.national_prefix import AS_IT_IS, NationalPrefix, State, Strip
from validator_svc.numbering.compile.patterns import UnsupportedPatternError
from validator_svc.numbering.compile.territory import States, Territory, UndecidedError, main_metadata
from validator_svc.numbering.plan_file import MAX_DIGITS, MIN_DIGITS, Goal, Source

KNOWN = {str(calling_code) for calling_code in COUNTRY_CODE_TO_REGION_CODE}


def roots_of(graph: Graph, goal: Goal) -> list[Reference]:
    """Where the walk begins, for MIN_DIGITS to MAX_DIGITS digits."""
    return [Root(graph, goal, length).grow("") for length in range(MIN_DIGITS, MAX_DIGITS + 1)]


class Root:
    """All numbers with one count of digits, calling code and all."""

    def __init__(self, graph: Graph, goal: Goal, length: int) -> None:
        self.graph = graph
        self.goal = goal
        self.length = length

    def grow(self, beginning: str) -> Reference:
        if beginning in KNOWN:
            return self.numbers_of(int(beginning), self.length - len(beginning))
        if not any(calling_code.startswith(beginning) for calling_code in KNOWN):
            return self.graph.reason(facts.INVALID_COUNTRY_CODE)
        return self.graph.node(tuple(self.grow(beginning + digit) for digit in "0123456789"))

    def numbers_of(self, calling_code: int, length: int) -> Reference:
        if length < MIN_NSN:
            return self.graph.reason(facts.TOO_SHORT)
        try:
            stripped = Stripped(self.graph, calling_code, length)
            if self.goal == Goal.STRIPPED:
                return stripped.grow(stripped.start, length)
            dialled = Dialled(self.graph, calling_code, length, stripped)
            return dialled.grow(dialled.prefix.start, stripped.start, length)
        except UnsupportedPatternError:
            return self.graph.slow()


class Stripped:
    """Numbers of one calling code and length whose national prefix has been dealt with."""

    def __init__(self, graph: Graph, calling_code: int, length: int) -> None:
        """Raises UnsupportedPatternError."""
        self.graph = graph
        self.territory = Territory(calling_code, length) if length <= MAX_NSN else None
        self.start = self.territory.begin() if self.territory else ()
        self.grown: dict[tuple[States, int], Reference] = {}

    def grow(self, states: States, left: int) -> Reference:
        """Where to go on from `states` with `left` digits still to come."""
        if self.territory is None:
            return self.graph.reason(facts.TOO_LONG)
        reference = self.grown.get((states, left))
        if reference is None:
            try:
                reference = self.graph.number(self.territory.classify(states))
            except UndecidedError:
                after = [self.territory.step(states, digit, left - 1) for digit in range(10)]
                reference = self.graph.node(tuple(self.grow(each, left - 1) for each in after))
            self.grown[states, left] = reference
        return reference

    def step(self, states: States, digit: int, left: int) -> States:
        return self.territory.step(states, digit, left) if self.territory else states


class Dialled:
    """The same numbers with their national prefix still to be dealt with."""

    def __init__(self, graph: Graph, calling_code: int, length: int, stripped: Stripped) -> None:
        """Raises UnsupportedPatternError."""
        self.graph = graph
        self.calling_code = str(calling_code)
        self.length = length
        self.stripped = stripped
        self.prefix = NationalPrefix(main_metadata(calling_code), length)
        self.grown: dict[tuple[State, States, int], Reference] = {}

    def grow(self, state: State, states: States, left: int) -> Reference:
        """Where to go on with `left` digits still to come, nothing decided about the prefix yet."""
        reference = self.grown.get((state, states, left))
        if reference is None:
            try:
                strip = self.prefix.decide(state)
            except UndecidedError:
                reference = self.branch(state, states, left)
            else:
                reference = self.stripped.grow(states, left) if strip == AS_IT_IS else self.rewritten(strip)
            self.grown[state, states, left] = reference
        return reference

    def branch(self, state: State, states: States, left: int) -> Reference:
        return self.graph.node(
            tuple(
                self.grow(
                    self.prefix.step(state, digit, left - 1),
                    self.stripped.step(states, digit, left - 1),
                    left - 1,
                )
                for digit in range(10)
            )
        )

    def rewritten(self, strip: Strip) -> Reference:
        nsn_length = strip.length_of(self.length)
        if not MIN_NSN <= nsn_length <= MAX_NSN:
            return self.graph.reason(facts.TOO_SHORT if nsn_length < MIN_NSN else facts.TOO_LONG)
        whole = of_national_number(strip, self.calling_code)
        length = self.length + len(self.calling_code)
        return self.graph.rewriting(whole, length, Goal.STRIPPED, Source.INTERNATIONAL)


def of_national_number(strip: Strip, calling_code: str) -> Strip:
    """The same done to digits that have the calling code in front."""
    skipped = len(calling_code)
    drop = strip.drop + skipped
    if strip.start == strip.stop:
        return Strip(strip.literal, 0, skipped, drop)
    return Strip(calling_code + strip.literal, strip.start + skipped, strip.stop + skipped, drop)
