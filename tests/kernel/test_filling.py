"""Lines that are alike but for their values, answered from a template."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator_svc.kernel import HAS_NATIVE
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import VALUE_KINDS, Fill, Kind, Template, ValueKind
from validator_svc.numbering.risk import RiskList
from validator_svc.screening.forms import PATTERNS, is_text

pytestmark = pytest.mark.skipif(not HAS_NATIVE, reason="nothing is answered from templates here")
CLASSIFIER = Classifier(RiskList({"4479": True}))
NUMBER = b"+447911123456"
ANALYSIS = Kind("analysis")
ASKED = (b'{"a":"', b'","b":"', b'"}')


def template_of(
    kind: ValueKind, heads: list[tuple[int, ...]], groups: list[tuple[int, bool | None]]
) -> Template:
    """Lines with a value of that kind, and a number; what is asked goes to the lists."""

    def group(number: int, record_id: int, verdict: bool | None) -> int:
        groups.append((number, verdict))
        return len(groups) - 1

    def head(of: Sequence[int]) -> bytes:
        heads.append((*of,))
        return b"%d:" % len(heads)

    return Template(ASKED, (kind, "text"), (1,), (b"key ",), (b" <", b"|", b">\n"), b"+", group, head)


def filler(kind: ValueKind = "text") -> Fill:
    fill = CLASSIFIER.kernel.filler([template_of(kind, [], [])])
    assert fill is not None
    return fill


def line(value: bytes, number: bytes = NUMBER) -> bytes:
    return ASKED[0] + value + ASKED[1] + number + ASKED[2] + b"\n"


def record(number: bytes) -> bytes:
    return CLASSIFIER.lines([number.decode()], "analysis").rstrip(b"\n")


PART = st.sampled_from(
    [*'+1a/?# ~"\\\x00\x1f\x7f-', "\u00fc", "\U0001f4de", "123e4567-e89b-12d3-a456-426614174000", "7" * 120]
)
ODD = st.sampled_from([b"", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbd", b"\xf5\x80\x80\x80"])


@settings(max_examples=1_000, deadline=None)
@given(st.sampled_from(VALUE_KINDS), st.lists(PART, max_size=9).map("".join), ODD)
def test_what_a_value_may_be_is_what_patterns_say(kind: ValueKind, text: str, odd: bytes) -> None:
    value = text.encode() + odd
    fits = re.fullmatch(PATTERNS[kind], value) is not None and is_text(value)
    filled = filler(kind)(line(value), ANALYSIS)
    assert [*filled.left] == ([] if fits else [0, 0, len(line(value)) - 1])
    expected = b"1:key " + record(NUMBER) + b" <" + value + b"|" + NUMBER + b">\n" if fits else b""
    assert filled.output == expected


def test_what_is_left_out_is_told_with_its_place() -> None:
    one, fill = line(b"x"), filler()
    size = len(fill(one, ANALYSIS).output)
    filled = fill(one + b"x\n" + one + b"\n", ANALYSIS)
    assert (len(filled.output), filled.numbers, filled.valid) == (2 * size, 2, 2)
    assert [*filled.left] == [size, len(one), len(one) + 1, 2 * size, 2 * len(one) + 2, 2 * len(one) + 2]


def test_what_cannot_be_read_as_a_number_stays_as_it_came() -> None:
    filled = filler()(line(b"x", b"none"), ANALYSIS)
    assert (filled.output, filled.numbers, filled.valid) == (
        b"1:key " + record(b"none") + b" <x|none>\n",
        1,
        0,
    )


def test_what_was_said_is_asked_once() -> None:
    heads, groups = list[tuple[int, ...]](), list[tuple[int, bool | None]]()
    fill = CLASSIFIER.kernel.filler([template_of("text", heads, groups)])
    assert fill is not None
    lines = line(b"x") + line(b"y", b"+447911123457") + line(b"z", b"+13524815863")
    outputs = [fill(lines, ANALYSIS).output for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert (groups, heads) == ([(0, True), (0, None)], [(0,), (1,)])


def test_of_two_templates_each_answers_its_own_lines() -> None:
    first = template_of("text", [], [])
    second = Template(
        (b'["', b'"]'),
        ("text",),
        (0,),
        (b"",),
        (b"", b"\n"),
        b"",
        lambda *_: 7,
        lambda groups: b"%d" % groups[0],
    )
    fill = CLASSIFIER.kernel.filler([first, second])
    assert fill is not None
    output = fill(b'["+447911123456"]\n' + line(b"x") + b'["12"]', ANALYSIS).output.splitlines()
    assert output[0] == b"7" + record(NUMBER) + NUMBER[1:]
    assert output[1].startswith(b"1:key ")
    assert output[2] == b"7" + record(b"12") + b"12"


def test_answers_need_not_be_expected_to_be_long() -> None:
    fill = filler()
    assert fill(line(b"x") * 20_000, ANALYSIS).output == fill(line(b"x"), ANALYSIS).output * 20_000


@pytest.mark.parametrize(
    "changes", [{"numbers": (2,)}, {"numbers": ()}, {"kinds": ("text",)}, {"answered": (b"",)}, {"keys": ()}]
)
def test_templates_that_are_none_are_refused(changes: dict[str, object]) -> None:
    made = template_of("text", [], [])
    fields = {name: getattr(made, name) for name in Template.__slots__} | changes
    with pytest.raises(ValueError, match="value"):
        CLASSIFIER.kernel.filler([Template(**fields)])


@pytest.mark.parametrize("group", [-1, 65_535])
def test_groups_that_are_none_are_refused(group: int) -> None:
    made = template_of("text", [], [])
    fields = {name: getattr(made, name) for name in Template.__slots__} | {"group": lambda *_: group}
    fill = CLASSIFIER.kernel.filler([Template(**fields)])
    assert fill is not None
    with pytest.raises(ValueError, match="group"):
        fill(line(b"x"), ANALYSIS)
