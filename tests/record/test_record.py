"""The record: which fields it has, what null means, and its encodings."""

import csv
import io

import orjson
import pytest

from validator_svc.kernel.classify import Classifier
from validator_svc.numbering.facts import REQUEST_TYPES, RequestType
from validator_svc.numbering.offsets import quarter_of
from validator_svc.numbering.reference import look_up
from validator_svc.numbering.risk import RiskList
from validator_svc.record import record
from validator_svc.record.record import Record

JULY = quarter_of(1_782_900_000)  # 2026-07-01
JANUARY = quarter_of(1_768_000_000)  # 2026-01-09


def of(text: str, quarter: int = JULY, risk: dict[str, bool] | None = None) -> Record:
    return record.from_plan(text, look_up(text), quarter, RiskList(risk or {}))


def test_a_wrong_format_leaves_everything_null_but_the_echo_and_the_formats() -> None:
    assert of("+62 812") == Record(
        phone_number="+62 812",
        is_valid=False,
        e164_format="+62812",
        national_format="812",
        error_code="021",
        reason="too_short",
    )


def test_an_unallocated_range_is_an_answer_not_an_error() -> None:
    unallocated = of("+62 21 000 000")
    assert (unallocated.is_valid, unallocated.unallocated_range, unallocated.error_code) == (
        False,
        True,
        "000",
    )
    assert unallocated.country_code is None
    assert of("+6281234567000").unallocated_range is False


def test_unknown_is_never_reported_as_false() -> None:
    assert of("+6281234567000").ported is False  # Indonesia has no number portability
    assert of("+44 7400 123456").ported is None
    assert of("+870 773 111 632").ported is None


def test_network_codes_are_for_mobile_numbers_only() -> None:
    landline = of("+62 21 6539 0605")
    assert (landline.phone_type, landline.mcc, landline.mnc) == ("landline", None, None)


@pytest.mark.parametrize(
    ("text", "risky"),
    [
        ("+1 900 234 5678", True),
        ("+44 843 012 3456", True),
        ("+44 70 1234 5678", True),
        ("+870 773 111 632", True),
        ("+979 123 456 789", True),
        ("+808 1234 5678", True),
        ("+800 1234 5678", False),
        ("+6281234567000", False),
        ("+62 21 000 000", None),
        ("+62", None),
    ],
)
def test_risky_ranges(text: str, risky: bool | None) -> None:
    assert of(text).risky_destination is risky


def test_an_operators_list_goes_before_and_names_invalid_numbers_too() -> None:
    prefixes = {"62": True, "6281": False, "1900": False}
    assert of("+62 21 6539 0605", risk=prefixes).risky_destination is True
    assert of("+6281234567000", risk=prefixes).risky_destination is False
    assert of("+1 900 234 5678", risk=prefixes).risky_destination is False
    assert of("+62 21 000 000", risk=prefixes).risky_destination is True


def test_offsets_follow_daylight_saving() -> None:
    assert of("+1 212 234 5678", JULY).timezone == "UTC-04:00"
    assert of("+1 212 234 5678", JANUARY).timezone == "UTC-05:00"
    assert of("+977 984 1234567").timezone == "UTC+05:45"


def test_zones_that_differ_in_offset_give_none() -> None:
    assert of("+1 800 234 5678").timezone is None
    assert of("+870 773 111 632").timezone is None


@pytest.mark.parametrize("request_type", REQUEST_TYPES)
def test_the_three_encodings_say_the_same(request_type: RequestType) -> None:
    for text in ("+6281234567000", "+1 900 234 5678", "+62 812", "", 'quoted "1", é'):
        one = of(text)
        as_dict = record.to_dict(one, request_type)
        assert tuple(as_dict) == record.fields_of(request_type)
        assert orjson.loads(record.to_line(one, request_type)) == as_dict
        file = io.StringIO()
        csv.writer(file).writerow(record.to_row(one, request_type))
        (cells,) = csv.reader(io.StringIO(file.getvalue()))
        assert cells == [record.cell(getattr(one, name)) for name in as_dict]


def test_lines_are_records_in_order() -> None:
    texts = ["1", "+6281234567000", "", "+6281234567000"]
    lines = Classifier().lines(texts, "format").splitlines()
    assert [orjson.loads(line)["phone_number"] for line in lines] == texts
