"""Texts made to be slow: every one is read by rules that look at a character a bounded number of times.

`phonenumbers`' own patterns take seconds for some of these, so nothing here asks it about long ones.
"""

import random
import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.agreement import compare
from tests.kernel.odd_texts import digits
from validator_svc.kernel.interface import CsvLayout, Kernel, Kind, Tally
from validator_svc.kernel.plan import Plan
from validator_svc.kernel.python import PythonKernel
from validator_svc.numbering.plan_file import MAX_DIGITS

if TYPE_CHECKING:
    from _typeshed import TraceFunction

HOSTILE = ("+1212555" + "3" * 30 + " " * 76 + "," * 76 + "-" * 76)[:248]
PIECES = st.sampled_from(
    (
        *" ,-;/\\x.:#~('\"=+0159ktiſıKİʼ",
        *("44", "2079460018", "00", " ext", ",,", ";ext=", ";isub=", ";phone-context=", ";phone-context=+44"),
        *("tel:", "ınt", "extenſion", "example.com", "a-", "٣", "\u200b", "\u00a0"),
    )
)
HOSTILE_TEXTS = st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(lambda text: len(text) < 60)

RUNS = (
    *(" ", ",", "-", " ,", ",-", ", -", "/", "/ ", "\\ ", "x", " x", " ext", "ext.", ";", ";ext=", "#", "~"),
    *("1", "1 ", "1,", "٣", "'", '"', "=", '="', "\u200b", ".", "1.", "1e", "ſ", "İ", "tel:", "+", "00"),
    *(";isub=", ";phone-context=", ";phone-context=a-", ";phone-context=+1", "a-", "a.", "(", "[", "ー", "_"),
)


@settings(max_examples=1_500, deadline=None)
@given(st.lists(HOSTILE_TEXTS, min_size=1, max_size=5), st.sampled_from([None, "US", "GB", "IT", "AU", "BR"]))
def test_they_are_read_as_phonenumbers_reads_short_ones(
    kernel: Kernel, texts: list[str], region: str | None
) -> None:
    assert compare(texts, Kind("analysis", region), kernel) == []


@pytest.mark.parametrize("region", [None, "US", "GB", "DE", "AU", "BR", "JP", "KZ"])
def test_digits_of_any_count_are_read_as_phonenumbers_reads_them(kernel: Kernel, region: str | None) -> None:
    chance = random.Random(MAX_DIGITS)
    prefixes = (
        "",
        "+",
        "00",
        "011",
        "001",
        "0011",
        "810",
        "8~10",
        "0",
        "00" * 8,
        "+44",
        "+49",
        "0014",
        "1",
        "+54",
    )
    counts = (17, 18, 19, 20, 21, 22, 25, 30, 35, 36, 37, 38, 42, 43, 44, 45, 46, 52, 100, 249, 250)
    texts = [prefix + digits(chance, count) for prefix in prefixes for count in counts]
    assert compare(texts, Kind("analysis", region), kernel) == []


def made_of_runs(size: int) -> Iterator[str]:
    """Texts of runs behind numbers, and behind one another, and with something else at the end."""
    for first in RUNS:
        for second in RUNS:
            half = first * (size // (2 * len(first))) + second * (size // (2 * len(second)))
            for begin in ("", "+12125553333", "12125553333;phone-context="):
                yield begin + half + "9"
                yield begin + half + "t"


@pytest.fixture
def nobody_asks_phonenumbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*arguments: object) -> None:
        raise AssertionError("phonenumbers was asked about a text")

    monkeypatch.setattr(phonenumbers, "parse", parse)


@pytest.mark.usefixtures("nobody_asks_phonenumbers")
@pytest.mark.parametrize("region", [None, "GB"])
def test_phonenumbers_is_not_asked_about_a_text(kernel: Kernel, plan: Plan, region: str | None) -> None:
    texts = [HOSTILE + "t", HOSTILE + "ſ", *made_of_runs(240)]
    assert kernel.texts(texts, Kind("analysis", region)).count(b"\n") == len(texts)


@pytest.mark.usefixtures("nobody_asks_phonenumbers")
def test_nor_about_a_cell_or_a_line_that_is_odd(kernel: Kernel, tally: Tally) -> None:
    irregular = f'a,b"c\n{HOSTILE}t,1\n"{HOSTILE}ſ",2\n'.encode()
    rows = kernel.csv(irregular, Kind("analysis"), CsvLayout(",", 0, 2), tally, "ndjson", is_last=True)
    assert rows.rows == 3
    lines = f'{{"phone_number": "\\u002b{HOSTILE}t", "x": [[1]]}}\n"{HOSTILE}ſ"\n'.encode()
    assert kernel.ndjson(lines, Kind("analysis"), "phone_number", kernel.new_tally(), is_last=True).rows == 2


def steps(kernel: Kernel, text: str) -> int:
    """Lines of Python and calls that a text takes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> "TraceFunction":
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        kernel.texts([text], Kind("analysis", "GB"))
    finally:
        sys.settrace(None)
    return count


def test_the_steps_of_plain_python_grow_no_faster_than_the_text(plan: Plan) -> None:
    kernel = PythonKernel(plan)
    kernel.texts(["+442079460018", ""], Kind("analysis", "GB"))
    for short, long in zip(made_of_runs(60), made_of_runs(240), strict=True):
        assert steps(kernel, long) <= 4 * steps(kernel, short) + 400, long
