"""When a fault happens: with a probability, or on chosen occasions."""

import random
from collections.abc import Callable

Rule = Callable[[int], bool]
"""Takes the number of the occasion, from 1; tells whether the fault happens."""

GRAMMAR = "a probability (0.1, 10%, 1), first:N, after:N, every:N, or at:N,M,…"


class Gate:
    """Opens on some occasions; the same seed opens on the same ones."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._occasions = 0

    def opens(self) -> bool:
        """Whether the fault happens on this, the next, occasion."""
        self._occasions += 1
        return self._rule(self._occasions)


def parse_gate(text: str, rng: random.Random) -> Gate:
    """Read a gate as `GRAMMAR` has it. Raises ValueError for anything else."""
    word, colon, value = text.partition(":")
    if not colon:
        return Gate(by_chance(text, rng))
    if word == "at":
        occasions = frozenset(counting_number(part) for part in value.split(","))
        return Gate(lambda occasion: occasion in occasions)
    n = counting_number(value)
    if word == "first":
        return Gate(lambda occasion: occasion <= n)
    if word == "after":
        return Gate(lambda occasion: occasion > n)
    if word == "every":
        return Gate(lambda occasion: occasion % n == 0)
    raise ValueError(f"{text!r} is not {GRAMMAR}")


def by_chance(text: str, rng: random.Random) -> Rule:
    """A rule that holds with a probability."""
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {GRAMMAR}") from None
    if not 0 <= share <= 1:
        raise ValueError(f"{text!r} is not a probability between 0 and 1")
    return lambda _occasion: rng.random() < share


def counting_number(text: str) -> int:
    """1, 2, 3, …"""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError(f"{text!r} is not a whole number above 0")
    return int(text)
