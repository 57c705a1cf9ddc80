from array import array

from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.conftest import kernel_named
from validator_svc.kernel.columns import (
    NOWHERE,
    bulk_strings,
    bulk_strings_slowly,
    distinct,
    distinct_slowly,
    meanings,
    meanings_slowly,
)
from validator_svc.kernel.interface import Kernel
from validator_svc.kernel.plan import Plan

NUMBERS = st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1)).map(lambda each: array("Q", each))
VALUES = st.lists(st.none() | st.binary(max_size=2) | st.integers(0, 3))


@given(NUMBERS)
def test_different_numbers_stand_in_the_order_in_which_they_come_up(numbers: "array[int]") -> None:
    found, places = distinct(numbers)
    assert list(found) == list(dict.fromkeys(filter(None, numbers)))
    assert [found[place] if place != NOWHERE else 0 for place in places] == list(numbers)
    assert distinct_slowly(numbers) == (found, places)


@given(st.text(max_size=12), NUMBERS)
def test_names_are_packed_as_the_protocol_has_them(beginning: str, numbers: "array[int]") -> None:
    packed = bulk_strings(beginning.encode(), numbers)
    names = [f"{beginning}{number}".encode() for number in numbers]
    assert packed == b"".join(b"$%d\r\n%b\r\n" % (len(name), name) for name in names)
    assert bulk_strings_slowly(beginning.encode(), numbers) == packed


@given(VALUES)
def test_a_meaning_is_asked_once_for_equal_values(values: list[object]) -> None:
    for each_meaning in (meanings, meanings_slowly):
        asked: list[object] = []

        def meaning(value: object, asked: list[object] = asked) -> tuple[object]:
            asked.append(value)
            return (value,)

        found = each_meaning(values, meaning)
        assert found == [(value,) for value in values]
        assert len(asked) == len(set(values)) == len({id(each) for each in found})


def test_valid_numbers_come_with_the_places_of_texts(kernel: Kernel) -> None:
    texts = ["+442079460018", "nonsense", "+44207946001", "020 7946 0018", "+2053247034370946494", ""]
    found = kernel.find(texts, "GB")
    assert list(found.numbers) == [442079460018, 0, 0, 442079460018, 0, 0]
    assert found.digits[4] == "2053247034370946494"
    # As Arrow has them, so that its libraries need no copy.
    layout = [memoryview(column) for column in (found.records, found.shapes, found.numbers)]
    assert [(each.format, each.itemsize, each.contiguous) for each in layout] == [
        ("i", 4, True),
        ("i", 4, True),
        ("Q", 8, True),
    ]


def test_columns_of_many_slices_are_those_of_all_texts(plan: Plan) -> None:
    for name in ("python", "native"):
        kernel = kernel_named(name, plan)
        texts = ["+442079460018", "x", "+12133734253", "0 0 1 213 373 4253"]
        together = kernel.find(texts[:1])
        together.extend(kernel.find(texts[1:]))
        assert together == kernel.find(texts)
        assert together.part(slice(1, 3)) == kernel.find(texts[1:3])
