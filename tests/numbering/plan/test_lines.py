"""What a chunk of lines gives, and how the risk list and the clock come in."""

import orjson
import pytest

from validator_svc.numbering import plan as plan_module
from validator_svc.numbering.offsets import QUARTER_S, quarter_of
from validator_svc.numbering.plan import Kind, Plan
from validator_svc.numbering.plan import tables as tables_module
from validator_svc.numbering.plan.clean import clean_digits
from validator_svc.numbering.plan.lines import HAS_NATIVE, native_loop
from validator_svc.numbering.risk import parse_risk_list

ANALYSIS = Kind("analysis")
LONDON = "+442079460018"


@pytest.fixture(scope="module", params=["native", "python"])
def native(request: pytest.FixtureRequest) -> bool:
    """Whether lines are written in machine code."""
    if request.param == "native" and not HAS_NATIVE:
        pytest.skip("the loop in machine code is not built: there was no compiler for C++")
    return bool(request.param == "native")


@pytest.fixture(scope="module")
def plan(native: bool) -> Plan:
    return Plan(native=native)


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
        (f"{LONDON}\r\r\n", [LONDON + "\r"]),
        ("\r", [""]),
        (f'caf\u00e9\n{LONDON}\n\U0001f600 "x\\"\n', ["caf\u00e9", LONDON, '\U0001f600 "x\\"']),
    ],
)
def test_a_line_is_a_record(plan: Plan, chunk: str, texts: list[str]) -> None:
    assert [record["phone_number"] for record in records(plan.chunk(chunk, ANALYSIS))] == texts


@pytest.mark.parametrize(
    "text",
    [
        *("1" * 300, "+" + "4" * 5000, "0" * 400, "1" * 20, "1" * 21, "1." * 120),
        *("+44 20" + " " * spaces + "79460018" for spaces in (135, 136, 137, 235, 236, 237, 240)),
    ],
)
def test_long_texts_are_answered_as_by_the_slow_way(plan: Plan, text: str) -> None:
    expected = plan.writer(ANALYSIS).finisher.slow_line(text).encode("latin-1")
    assert plan.texts([LONDON, text, LONDON], ANALYSIS).splitlines(keepends=True)[1] == expected


def test_texts_may_hold_line_ends(plan: Plan) -> None:
    found = records(plan.texts([LONDON + "\n", LONDON], ANALYSIS))
    assert [record["phone_number"] for record in found] == [LONDON + "\n", LONDON]
    assert all(record["is_valid"] for record in found)


def test_one_odd_line_leaves_the_others_fast(native: bool) -> None:
    plan = Plan(native=native)
    texts = [LONDON] * 100 + ["+1 213 373 4253 ext 5"] + [LONDON] * 100
    slow: list[str] = []
    finisher = plan.writer(ANALYSIS).finisher
    write = finisher.slow_line
    finisher.slow_line = lambda text: slow.append(text) or write(text)  # type: ignore[method-assign, func-returns-value]
    plan.texts(texts, ANALYSIS)
    assert slow == ["+1 213 373 4253 ext 5"]


@pytest.mark.parametrize("text", ["+1" + " " * 300 + "2133734253", "213.0", "1+2", "++44", "44x", "(+44) 20"])
def test_texts_that_may_be_read_otherwise_are_not_plain(text: str) -> None:
    assert clean_digits(text, 1, drop_zeros=True) is None


def test_the_risk_list_counts_to_its_last_digit(native: bool) -> None:
    risk_list = parse_risk_list("+44207\nallow +442079460\n+88")
    plan = Plan(risk_list, native=native)
    texts = ["+442079460018", "+442079470018", "+441619460018", "+888", "+8829999", "+44207"]
    finisher = plan.writer(ANALYSIS).finisher
    assert plan.texts(texts, ANALYSIS).decode() == "".join(finisher.slow_line(text) for text in texts)
    risky = [record["risky_destination"] for record in records(plan.texts(texts[:3], ANALYSIS))]
    assert risky == [False, True, False]


def test_offsets_follow_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, kind = Plan(), Kind("validation")
    offsets = {}
    for month, at_s in (("January", 1_768_500_000.0), ("July", 1_784_100_000.0)):
        monkeypatch.setattr("time.time", lambda at_s=at_s: at_s)
        offsets[month] = records(plan.texts([LONDON], kind))[0]["timezone"]
    assert offsets == {"January": "UTC+00:00", "July": "UTC+01:00"}


def test_tables_are_kept_while_no_offset_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, kind = Plan(), Kind("validation")
    monkeypatch.setattr("time.time", lambda: 1_768_500_000.0)
    plan.texts([LONDON], kind)
    writer = plan.writer(kind)
    monkeypatch.setattr("time.time", lambda: 1_768_500_000.0 + QUARTER_S)
    assert plan.writer(kind) is writer
    assert writer.finisher.quarter == quarter_of(1_768_500_000.0) + 1


def test_writers_stay_few(monkeypatch: pytest.MonkeyPatch, native: bool) -> None:
    monkeypatch.setattr(plan_module, "MOST_WRITERS", 3)
    plan = Plan(native=native)
    kinds = [Kind("format", region) for region in ("GB", "FR", "DE", "GB", "IT", "GB")]
    lines = [plan.texts(["020 7946 0018", LONDON], kind) for kind in kinds]
    assert list(plan.writers) == [Kind("format", region) for region in ("DE", "IT", "GB")]
    assert lines[0] == lines[3] == lines[5]


def test_writers_start_anew_before_they_hold_too_much(monkeypatch: pytest.MonkeyPatch, native: bool) -> None:
    monkeypatch.setattr(plan_module, "MOST_ASKED", 100)
    plan = Plan(native=native)
    texts = [f"+{n}0000000" for n in range(1_000, 9_999, 20)]
    expected = plan.texts(texts, ANALYSIS)
    assert plan.atlas.asked > 100
    plan.texts([LONDON], Kind("format", "GB"))
    assert list(plan.writers) == [Kind("format", "GB")]
    assert plan.atlas.asked < 10
    assert plan.texts(texts, ANALYSIS) == expected


@pytest.mark.parametrize("region", [None, "GB"])
def test_arrays_stay_small(region: str | None) -> None:
    plan = Plan(native=False)
    writer = plan.writer(Kind("analysis", region))
    loop = native_loop(writer.tables, writer.finisher, getattr(writer, "dialled", None), most_slots=2_000)
    if loop is None:
        pytest.skip("the loop in machine code is not built: there was no compiler for C++")
    texts = [f"+4420794{number:05}" for number in range(0, 100_000, 500)] + [
        f"{n}000000000" for n in range(100, 999)
    ]
    expected = plan.texts(texts, Kind("analysis", region))
    for size in (1, 7, 500):
        pieces = ("\n".join(texts[start : start + size]) for start in range(0, len(texts), size))
        assert b"".join(map(loop.write, pieces)) == expected


def test_tables_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "MAX_ENTRIES", 50)
    plan = Plan(native=False)
    texts = [f"+4420794{number:05}" for number in range(0, 100_000, 500)] + [
        f"+{n}000000000" for n in range(100, 999)
    ]
    lines = plan.texts(texts, ANALYSIS)
    assert sum(map(len, plan.writer(ANALYSIS).tables.by_length.values())) <= 51
    assert lines == plan.texts(texts, ANALYSIS)
