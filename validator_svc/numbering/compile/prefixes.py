"""Facts that `phonenumbers` keeps by prefix, the longest one counting: carriers and time zones.

A tree is asked like an automaton (`start`, `step`, `settle`), so that both are parts of one
product of automata while a numbering plan is compiled.
"""

from collections.abc import Mapping
from functools import cache
from typing import Generic, TypeVar

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.carrierdata import CARRIER_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

Value = TypeVar("Value")

LANGUAGE = "en"


class PrefixTree(Generic[Value]):
    """The values of one calling code's numbers, by prefixes of the international number."""

    def __init__(self, calling_code: int, values: dict[str, Value]) -> None:
        # States 0 and 1 mean NEVER and ALWAYS in an automaton; a tree leaves them unused.
        self.found: list[Value | None] = [None, None]
        self.rows: list[tuple[int, ...] | None] = [None, None]
        self.last: dict[Value | None, int] = {}
        root = str(calling_code)
        beginnings = {key[:n] for key in values for n in range(len(root), len(key))}
        self.start = self.grow(root, None, values, beginnings)

    def grow(self, prefix: str, value: Value | None, values: dict[str, Value], beginnings: set[str]) -> int:
        value = values.get(prefix, value)
        if prefix not in beginnings:
            return self.last_state(value)
        row = tuple(self.grow(prefix + digit, value, values, beginnings) for digit in "0123456789")
        return self.add(value, row)

    def add(self, value: Value | None, row: tuple[int, ...] | None) -> int:
        self.found.append(value)
        self.rows.append(row)
        return len(self.rows) - 1

    def last_state(self, value: Value | None) -> int:
        """The state in which `value` is certain, whatever digits follow."""
        if value not in self.last:
            self.last[value] = self.add(value, None)
        return self.last[value]

    def step(self, state: int, digit: int) -> int:
        row = self.rows[state]
        return state if row is None else row[digit]

    def settle(self, state: int, left: int) -> int:
        """`state` itself while longer prefixes may follow, else the state in which the value is certain."""
        return state if left and self.rows[state] is not None else self.last_state(self.found[state])

    def is_settled(self, state: int) -> bool:
        return self.rows[state] is None


def carriers_of(calling_code: int) -> PrefixTree[str]:
    """English names of the carriers to which the ranges of a calling code were allocated."""
    return PrefixTree(calling_code, carrier_names()[str(calling_code)])


def time_zones_of(calling_code: int) -> PrefixTree[tuple[str, ...]]:
    """IANA names of the zones that the numbers of a calling code may be in."""
    return PrefixTree(calling_code, time_zones()[str(calling_code)])


@cache
def carrier_names() -> dict[str, dict[str, str]]:
    return by_calling_code(
        {prefix: names[LANGUAGE] for prefix, names in CARRIER_DATA.items() if LANGUAGE in names}
    )


@cache
def time_zones() -> dict[str, dict[str, tuple[str, ...]]]:
    return by_calling_code(TIMEZONE_DATA)


def by_calling_code(values: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """The values apart by calling code."""
    apart: dict[str, dict[str, Value]] = {str(code): {} for code in COUNTRY_CODE_TO_REGION_CODE}
    for prefix, value in values.items():
        for root in (prefix[:1], prefix[:2], prefix[:3]):
            if root in apart:
                apart[root][prefix] = value
    return apart
