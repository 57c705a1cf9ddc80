"""The emulator's truth about numbers."""

from collections import Counter
from pathlib import Path

import pytest

import loadtest.wavix_emulator
from loadtest.wavix_emulator import allocated_carrier, answer
from loadtest.wavix_emulator.answers import Item
from tests.loadtest.asking import NUMBERS

FORMAT = {
    *("phone_number", "is_valid", "country_code", "e164_format", "national_format", "cost", "error_code"),
}
ANALYSIS = FORMAT | {
    *("ported", "mcc", "mnc", "phone_type", "carrier_name", "risky_destination", "unallocated_range"),
}
VALIDATION = ANALYSIS | {"reachable", "roaming", "timezone"}


def test_the_emulator_knows_nothing_of_the_client() -> None:
    sources = list(Path(loadtest.wavix_emulator.__file__).parent.glob("*.py"))
    assert sources
    assert not [path.name for path in sources if "validator_svc" in path.read_text()]


@pytest.fixture(scope="module")
def population() -> list[Item]:
    return [answer(number, "validation") for number in NUMBERS]


@pytest.mark.parametrize(
    ("request_type", "fields"), [("format", FORMAT), ("analysis", ANALYSIS), ("validation", VALIDATION)]
)
def test_each_type_has_its_fields(request_type: str, fields: set[str]) -> None:
    assert set(answer("971501390098", request_type)) == fields
    assert set(answer("12", request_type)) == fields


def test_the_truth_is_the_same_in_every_process() -> None:
    assert answer("971501390001", "validation") == {
        "phone_number": "971501390001",
        "is_valid": True,
        "country_code": "AE",
        "e164_format": "+971501390001",
        "national_format": "501390001",
        "ported": False,
        "mcc": "424",
        "mnc": "73",
        "phone_type": "mobile",
        "carrier_name": "Etisalat",
        "risky_destination": False,
        "unallocated_range": False,
        "reachable": True,
        "roaming": False,
        "timezone": "UTC+04:00",
        "cost": "0",
        "error_code": "000",
    }


def test_the_truth_hangs_on_the_digits_alone() -> None:
    bare = answer("971501390098", "validation")
    for written in ("+971501390098", "+971 50 139-0098"):
        assert answer(written, "validation") == bare | {"phone_number": written}


@pytest.mark.parametrize(
    "text", ["", "+", "12", "999999999", "1234567890123456", "97150139009x", "٩٧١٥٠١٣٩٠٠٩٨"]
)
def test_what_is_no_number_is_021(text: str) -> None:
    item = answer(text, "validation")
    assert (item["error_code"], item["is_valid"], item["e164_format"]) == ("021", False, "")
    assert {item[field] for field in VALIDATION - FORMAT} == {None}


def test_every_kind_of_number_turns_up(population: list[Item]) -> None:
    for field in ("is_valid", "risky_destination"):
        assert {True, False} <= {item[field] for item in population}
    for field in ("ported", "reachable", "roaming"):
        assert {item[field] for item in population} == {True, False, None}
    assert None in {item["carrier_name"] for item in population}


def test_shares_are_as_documented(population: list[Item]) -> None:
    in_use = [item for item in population if item["is_valid"]]
    assert 0.005 < 1 - len(in_use) / len(population) < 0.04
    ported = Counter(item["ported"] for item in in_use)
    assert 0.11 < ported[True] / len(in_use) < 0.19
    assert 0.02 < ported[None] / len(in_use) < 0.07


def test_a_ported_number_has_another_carrier(population: list[Item]) -> None:
    for item in population:
        if item["ported"] is not None:
            same = item["carrier_name"] == allocated_carrier(item["phone_number"])
            assert same is not item["ported"]


def test_a_number_not_in_use_keeps_its_formats(population: list[Item]) -> None:
    item = next(item for item in population if not item["is_valid"])
    assert item["error_code"] == "000"
    assert item["e164_format"] == f"+{item['phone_number']}"
    assert {item[field] for field in VALIDATION - FORMAT} == {None}


def test_a_landline_is_neither_reachable_nor_roaming() -> None:
    landlines = [answer(str(14155550000 + n), "validation") for n in range(200)]
    landlines = [item for item in landlines if item["phone_type"] == "landline"]
    assert landlines
    for field in ("mcc", "mnc", "reachable", "roaming"):
        assert {item[field] for item in landlines} == {None}
