"""Looking up: tables that fill themselves.

A number is found by its length and its first five digits, and where these do not decide, by the
next ones in a further table. What is found is an entry: a function and what it needs, called as
`entry[0](text, digits, entry)` with the text as it came and its digits, so that the loop over
numbers has no branches. It may finish the number, look further, take a national prefix off and
look again, or go the slow way.

An entry is a tuple, not a closure: the tables outgrow the CPU's nearest caches, and each object
on the way to a constant may cost a miss.
"""

from collections.abc import Callable, Hashable
from functools import cache, partial
from sys import intern
from typing import Any, Protocol

from validator_svc.numbering import facts
from validator_svc.numbering.plan.atlas import MAX_CALLING_CODE, Atlas, Code
from validator_svc.numbering.plan.classes import NumberClass, Prefixed
from validator_svc.numbering.plan.compiler import Reference
from validator_svc.numbering.plan.lengths import MAX_NSN, MIN_NSN

Entry = tuple[Any, ...]
"""A function of (text, digits, entry), then whatever that function reads from its entry."""

FIRST = 5
"""Digits of the first key: fewer miss the decisive prefix more often, more make the tables too big."""
NEXT = 3
"""Digits of each further key, at most."""
MAX_DIGITS = MAX_CALLING_CODE + MAX_NSN
MIN_VIABLE = 3
"""Fewer digits are no number for `phonenumbers`."""

# Numbers written at random would fill the tables with one entry each, of some 100 bytes.
MAX_ENTRIES = 250_000


class Finisher(Protocol):
    """Makes the entries that finish a number."""

    def variant(self, beginning: str) -> Hashable:
        """What, besides its class, decides the outcome of a number with this beginning."""

    def for_class(self, number_class: NumberClass, variant: Hashable) -> Entry:
        """For numbers of a class."""

    def for_reason(self, reason: str) -> Entry:
        """For texts in which there is no number, for `reason`."""

    def slow_way(self) -> Entry:
        """For numbers that only `phonenumbers` can answer."""


class Table(dict[str, Entry]):
    """Entries by the next digits of a number."""

    __slots__ = ("fill", "tables")

    def __init__(self, tables: "Tables", fill: Callable[[str], Entry]) -> None:
        self.tables = tables
        self.fill = fill

    def __missing__(self, key: str) -> Entry:
        entry = self.fill(key)
        self.tables.count()
        # Tables share their keys: fewer objects, of which more stay in the CPU's caches.
        self[intern(key)] = entry
        return entry


class Tables:
    """Tables for numbers as dialled (national prefixes come off) or for stripped ones.

    `by_length[len(digits)][digits[:FIRST]]` is the entry for international digits.
    """

    def __init__(self, atlas: Atlas, finisher: Finisher, stripped: "Tables | None" = None) -> None:
        """`stripped`: where to look again without a national prefix; None makes the tables for that."""
        self.atlas = atlas
        self.finisher = finisher
        self.stripped = stripped
        self.entries = 0
        self.made: dict[Hashable, Entry] = {}
        self.by_length = Lengths(self)

    def count(self) -> None:
        """Count one more entry, and start anew with empty tables when there are too many."""
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            self.entries = 0
            self.made.clear()
            self.by_length.clear()

    def look_up(self, text: str, digits: str) -> Any:
        """The outcome for a text with these international digits."""
        entry = self.by_length[len(digits)][digits[:FIRST]]
        return entry[0](text, digits, entry)

    def first(self, length: int, beginning: str) -> Entry:
        """The entry for `length` digits of which the first are `beginning`."""
        if length < MIN_VIABLE or length > MAX_DIGITS:
            return self.finisher.slow_way()
        calling_code = self.atlas.calling_code_of(beginning)
        if calling_code is None:
            wrong = self.finisher.for_reason(facts.INVALID_COUNTRY_CODE)
            return (check_zeros, wrong, self.finisher.slow_way()) if beginning[0] == "0" else wrong
        nsn_length = length - len(calling_code)
        if nsn_length < MIN_NSN:
            return self.finisher.for_reason(facts.TOO_SHORT)
        code = self.atlas.code(calling_code)
        if code is None or nsn_length > MAX_NSN:
            return self.finisher.slow_way()
        reference = code.begin(nsn_length, dialled=self.stripped is not None)
        reference = code.walk(reference, beginning[len(calling_code) :])
        return self.further(code, reference, len(beginning), self.finisher.variant(beginning))

    def further(self, code: Code, reference: Reference, read: int, variant: Hashable) -> Entry:
        """The entry for numbers of which `read` digits led to `reference`; equal ones share it."""
        self.atlas.asked += 1
        key = (code.calling_code, reference, read, variant)
        entry = self.made.get(key)
        if entry is None:
            entry = self.made[key] = self.make(code, reference, read, variant)
        return entry

    def make(self, code: Code, reference: Reference, read: int, variant: Hashable) -> Entry:
        if reference >= 0:
            return self.next_table(code, reference, read, variant)
        leaf = code.compiled.leaves[~reference]
        if isinstance(leaf, Prefixed):
            assert self.stripped is not None
            return (drop_prefix, code, self.stripped)
        return self.finisher.for_class(leaf, variant)

    def next_table(self, code: Code, reference: Reference, read: int, variant: Hashable) -> Entry:
        stop = read + min(code.depth(reference), NEXT)

        def fill(key: str) -> Entry:
            return self.further(code, code.walk(reference, key), stop, variant)

        return (look_further, Table(self, fill), slice_of(read, stop))


class Lengths(dict[int, Table]):
    """The first tables, by how many digits a number has in all."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def __missing__(self, length: int) -> Table:
        table = Table(self.tables, partial(self.tables.first, length))
        if length <= MAX_DIGITS:
            self[length] = table
        return table


@cache
def slice_of(start: int, stop: int) -> slice:
    """The same object for the same slice, for entries to share."""
    return slice(start, stop)


def look_further(text: str, digits: str, entry: Entry) -> Any:
    """Entry: the table to look in, and the slice of the digits that is its key."""
    found = entry[1][digits[entry[2]]]
    return found[0](text, digits, found)


def look_up_rewritten(text: str, digits: str, entry: Entry) -> Any:
    """Entry: what to put in front, the slice of the digits that follows it, and the tables to look in."""
    return entry[3].look_up(text, entry[1] + digits[entry[2]])


def drop_prefix(text: str, digits: str, entry: Entry) -> Any:
    """Entry: a code whose national prefixes may come off, and the tables to look in without."""
    code: Code = entry[1]
    start = len(code.calling_code)
    return entry[2].look_up(text, digits[:start] + code.trunk.strip(digits[start:]))


def check_zeros(text: str, digits: str, entry: Entry) -> Any:
    """Entry: that for an unknown calling code, and the slow one.

    The caller has dropped a `00` at the very beginning; behind punctuation it still means `+`.
    """
    found = entry[1] if text[0] in "+0" else entry[2]
    return found[0](text, digits, found)
