"""Columns of numbers and values, worked on as a whole: what is done for each of them is done in machine code.

Numbers are international digits as unsigned integers of 64 bits ("Q"), as in `Columns.numbers`; 0 is none.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from validator_svc.kernel import HAS_NATIVE

if HAS_NATIVE:
    from validator_svc.kernel import native

Value = TypeVar("Value")
Meaning = TypeVar("Meaning")

NOWHERE = -1


class Distinct(NamedTuple):
    """The different ones of some numbers."""

    numbers: "array[int]"
    """In the order in which they come up."""
    places: "array[int]"
    """Where each of the numbers is among them ("i"); NOWHERE for none."""


def distinct(numbers: "array[int]") -> Distinct:
    """The different numbers."""
    if not HAS_NATIVE:
        return distinct_slowly(numbers)
    found, places = native.distinct(numbers)
    return Distinct(array("Q", found), array("i", places))


def distinct_slowly(numbers: "array[int]") -> Distinct:
    """The same in plain Python."""
    places = {0: NOWHERE}
    found = array("i", [places.setdefault(number, len(places) - 1) for number in numbers])
    return Distinct(array("Q", [number for number in places if number]), found)


def bulk_strings(beginning: bytes, numbers: "array[int]") -> bytes:
    """Bulk strings of the Redis protocol: the beginning and each of the numbers, in decimal."""
    return native.bulk_strings(beginning, numbers) if HAS_NATIVE else bulk_strings_slowly(beginning, numbers)


def bulk_strings_slowly(beginning: bytes, numbers: Iterable[int]) -> bytes:
    """The same in plain Python."""
    names = [b"%b%d" % (beginning, number) for number in numbers]
    return b"".join([b"$%d\r\n%b\r\n" % (len(name), name) for name in names])


def meanings(values: list[Value], meaning: Callable[[Value], Meaning]) -> list[Meaning]:
    """What `meaning` makes of each value, where it is asked once for those that are equal."""
    return native.meanings(values, meaning) if HAS_NATIVE else meanings_slowly(values, meaning)


def meanings_slowly(values: list[Value], meaning: Callable[[Value], Meaning]) -> list[Meaning]:
    """The same in plain Python."""
    known = {value: meaning(value) for value in set(values)}
    return [known[value] for value in values]
