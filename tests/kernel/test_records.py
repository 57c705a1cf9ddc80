"""Records of texts: what the operator's list and the clock do to them."""

import random
from array import array

import orjson
import pytest

from loadtest.agreement import compare
from tests.kernel.conftest import kernel_named
from tests.kernel.odd_texts import odd_text
from validator_svc.kernel.classify import Classifier
from validator_svc.kernel.interface import Kernel, Kind
from validator_svc.kernel.plan import Plan
from validator_svc.numbering.offsets import QUARTER_S, quarter_of
from validator_svc.numbering.plan_file import MAX_DIGITS
from validator_svc.numbering.reference import look_up
from validator_svc.numbering.risk import parse_risk_list
from validator_svc.record.record import from_plan, to_line

ANALYSIS = Kind("analysis")
LONDON = "+442079460018"
JANUARY_S = 1_768_500_000.0
JULY_S = 1_784_100_000.0


def records(lines: bytes) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in lines.splitlines()]


@pytest.mark.parametrize(
    ("chunk", "texts"),
    [
        ("", []),
        ("\n", [""]),
        (f"{LONDON}\n", [LONDON]),
        (LONDON, [LONDON]),
        (f"{LONDON}\n\n{LONDON}\n", [LONDON, "", LONDON]),
        (f"{LONDON}\r\n1 213 373 4253\r\n", [LONDON, "1 213 373 4253"]),
        ("\r", [""]),
        (f'caf\u00e9\n{LONDON}\n\U0001f600 "x\\"\n', ["caf\u00e9", LONDON, '\U0001f600 "x\\"']),
    ],
)
def test_a_line_of_a_chunk_is_a_record(chunk: str, texts: list[str]) -> None:
    assert [record["phone_number"] for record in records(Classifier().chunk(chunk, "analysis"))] == texts


@pytest.mark.parametrize(
    "text",
    [
        *("1" * 300, "+" + "4" * 5000, "0" * 400, "1" * 20, "1" * 21, "1." * 120),
        *("+44 20" + " " * spaces + "79460018" for spaces in (135, 136, 137, 235, 236, 237, 240)),
        *("+1" + " " * 300 + "2133734253", "213.0", "1+2", "++44", "44x", "(+44) 20"),
    ],
)
def test_long_and_doubtful_texts_agree(kernel: Kernel, text: str) -> None:
    assert compare([LONDON, text, LONDON], ANALYSIS, kernel) == []


def test_texts_may_hold_line_ends(kernel: Kernel) -> None:
    found = records(kernel.texts([LONDON + "\n", LONDON], ANALYSIS))
    assert [record["phone_number"] for record in found] == [LONDON + "\n", LONDON]
    assert all(record["is_valid"] for record in found)


@pytest.mark.parametrize("name", ["python", "native"])
def test_the_risk_list_counts_to_its_last_digit(plan: Plan, name: str) -> None:
    risk_list = parse_risk_list("+44207\nallow +442079460\n+88")
    kernel = kernel_named(name, plan, risk_list)
    texts = ["+442079460018", "+442079470018", "+441619460018", "+888", "+8829999", "+44207"]
    found = kernel.texts(texts, ANALYSIS)
    expected = (from_plan(text, look_up(text), 0, risk_list) for text in texts)
    assert found == b"".join(to_line(record, "analysis") for record in expected)
    assert [record["risky_destination"] for record in records(found)[:3]] == [False, True, False]


@pytest.mark.parametrize("name", ["python", "native"])
def test_offsets_follow_the_clock(monkeypatch: pytest.MonkeyPatch, plan: Plan, name: str) -> None:
    kernel = kernel_named(name, plan)
    offsets = {}
    for month, at_s in (("January", JANUARY_S), ("July", JULY_S)):
        monkeypatch.setattr("time.time", lambda at_s=at_s: at_s)
        offsets[month] = records(kernel.texts([LONDON], Kind("validation")))[0]["timezone"]
    assert offsets == {"January": "UTC+00:00", "July": "UTC+01:00"}


def test_what_completed_records_are_made_of_stays_while_no_offset_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classifier = Classifier()
    found = classifier.kernel.find([LONDON])
    monkeypatch.setattr("time.time", lambda: JANUARY_S)
    completed = classifier.completed("validation")
    made = completed.made_for(found.records[0], None, None, lambda record, _: record)
    line = classifier.kernel.join([LONDON], found.shapes, found.digits, array("i", [0]), [made.pieces])
    assert b'"timezone":"UTC+00:00"' in line
    monkeypatch.setattr("time.time", lambda: JANUARY_S + QUARTER_S)
    assert classifier.completed("validation") is completed
    assert completed.maker.quarter == quarter_of(JANUARY_S) + 1
    monkeypatch.setattr("time.time", lambda: JULY_S)
    assert classifier.completed("validation") is not completed


def test_records_of_chosen_pieces_are_the_same_in_both(plan: Plan) -> None:
    chance = random.Random(7)
    python, native = kernel_named("python", plan), kernel_named("native", plan)
    texts = [odd_text(chance, 2) for _ in range(2_000)]
    found = python.find(texts, "GB")
    pieces = [(b"{", b"\x00" * chance.randrange(3), b"-" * chance.randrange(70), b"}\n") for _ in range(20)]
    groups = array("i", [chance.randrange(len(pieces)) for _ in texts])
    expected = python.join(texts, found.shapes, found.digits, groups, pieces)
    assert native.join(texts, found.shapes, found.digits, groups, pieces) == expected
    only = array("i", [0])
    assert python.join(["x"], only, [""], only, [(b"{", b",", b"never", b"}\n")]) == b"{x,}\n"


@pytest.mark.parametrize("name", ["python", "native"])
def test_rows_are_alike_whose_record_verdict_and_answer_are_the_same(plan: Plan, name: str) -> None:
    kernel = kernel_named(name, plan)
    one, other = object(), object()
    records = array("i", [7, 7, 8, 7, 8, 7])
    verdicts = [None, True, None, None, None, None]
    alike = kernel.alike(records, verdicts, [one, one, one, one, one, other])
    assert alike == (array("i", [0, 1, 2, 0, 2, 3]), [0, 1, 2, 5], [2, 1, 2, 1])
    assert kernel.alike(array("i"), [], []) == (array("i"), [], [])


def test_both_kernels_group_alike(plan: Plan) -> None:
    chance = random.Random(7)
    answers = [object() for _ in range(300)]
    records = array("i", [chance.randrange(3) for _ in range(5_000)])
    chosen = [chance.choice(answers) for _ in records]
    verdicts = [chance.choice((None, True, False)) for _ in records]
    found = [kernel_named(name, plan).alike(records, verdicts, chosen) for name in ("python", "native")]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("shape", "digits", "group"),
    [(-1, "1", 0), (1_000_000, "1", 0), (0, "1" * (MAX_DIGITS + 1), 0), (0, "1", 1), (0, "1", -1)],
)
def test_what_is_no_place_is_refused(plan: Plan, shape: int, digits: str, group: int) -> None:
    native = kernel_named("native", plan)
    with pytest.raises(ValueError, match=r"no place|no such group"):
        native.join(["x"], array("i", [shape]), [digits], array("i", [group]), [(b"", b"", b"", b"")])


def test_columns_that_do_not_go_together_are_refused(plan: Plan) -> None:
    native = kernel_named("native", plan)
    with pytest.raises(ValueError, match="as many"):
        native.join(["x", "y"], array("i", [0]), ["1"], array("i", [0]), [(b"", b"", b"", b"")])
    with pytest.raises(ValueError, match="as many"):
        native.alike(array("i", [0]), [], [])
