"""What people and spreadsheets write for a number, and what is read out of it."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.numbering.written import JAKARTA, MARKED, SCIENTIFIC, UNSEEN
from validator_svc.numbering import facts
from validator_svc.numbering.characters import INVISIBLE
from validator_svc.numbering.reading import MAX_TEXT, read
from validator_svc.numbering.reference import look_up
from validator_svc.numbering.tidying import is_scientific, tidied, without_decimals

WRITTEN = [
    "+6281234567000",
    "6281234567000",
    "006281234567000",
    "00 62 812 3456 7000",
    "(00) 62 812 3456 7000",
    "\uff0b6281234567000",
    "++6281234567000",
    "+62 812-3456-7000",
    "+62.812.3456.7000",
    "+62/812/3456/7000",
    "+62 (812) 3456 7000",
    "(+62) 812 3456 7000",
    "+62 0812 3456 7000",
    "+62\u00a0812\u00a03456\u00a07000",
    "+62\u202f812\u20093456\u20077000",
    "\u202a+62 812 3456 7000\u202c",
    "\u2066+62\u2069 812\u200b3456\u200f7000\ufeff",
    "+62\t812\t3456\t7000\r\n",
    "+62\u2010812\u20113456\u22127000",
    "+62·812·3456·7000",
    "tel:+62-812-3456-7000",
    "TEL:6281234567000",
    "tel:0812-3456-7000;phone-context=+62",
    "tel:+62-812-3456-7000;isub=12",
    "tel:+62-812-3456-7000;ext=12",
    "+62 812 3456 7000 ext. 12",
    "+62 812 3456 7000 x12",
    "+62 812 3456 7000 #12",
    "Phone: +62 812 3456 7000",
    "٦٢٨١٢٣٤٥٦٧٠٠٠",
    "०० ६२ ८१२ ३४५६ ७०००".replace(" ", "", 1),
    "６２８１２３４５６７０００",
    "'+6281234567000",
    "'6281234567000",
    "6281234567000.0",
    "'6281234567000.0",
    "+62 812 3456 7000.0",
    "  +6281234567000  ",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_ways_to_write_one_number(text: str) -> None:
    assert look_up(text).e164 == JAKARTA


def test_marks_around_a_number_come_off_in_any_order() -> None:
    assert {text: look_up(text).e164 for text in MARKED} == dict.fromkeys(MARKED, JAKARTA)


def test_the_digits_that_are_lost_are_never_guessed() -> None:
    found = {text: look_up(text).facts.reason for text in SCIENTIFIC}
    assert found == dict.fromkeys(SCIENTIFIC, facts.SCIENTIFIC_NOTATION)


def test_what_nobody_sees_is_not_there() -> None:
    assert {text: look_up(text).e164 for text in UNSEEN} == dict.fromkeys(UNSEEN, JAKARTA)


def test_invisible_is_what_unicode_says() -> None:
    # DerivedCoreProperties.txt counts 4,174; three more are interlinear annotations.
    assert len(INVISIBLE) == 4_177
    assert {"\ufe0f", "\ufe0d", "\u115f", "\u034f", "\u206a", "\ufff9", "\ufffb"} <= INVISIBLE


@pytest.mark.parametrize(
    "text",
    [
        *("62.812.3456.700", "6281234567.000", "+62 812.345.67.00", "6281234567\u066b0.0"),
        *("6281234567,00", "6281234567000.10"),
    ],
)
def test_groups_are_no_decimals(text: str) -> None:
    assert without_decimals(tidied(text)) == tidied(text)


@pytest.mark.parametrize("text", ["1-800-3E5-1234", "12E4567", "E+11", "6.28E", "(6.28E+11", "6.2.8E+11"])
def test_what_only_looks_scientific_is_read(text: str) -> None:
    assert look_up(text).facts.reason != facts.SCIENTIFIC_NOTATION


@pytest.mark.parametrize(
    "piece", ["1", "'", '"', "=", ";", " ", "1 ", "(", ".0", "0", "1E", "\u200b", "1.", "'\""]
)
def test_long_texts_are_tidied_in_one_go(piece: str) -> None:
    """Every step looks at a character a few times; a step more for each would take minutes here."""
    text = piece * (1_000_000 // len(piece))
    for long in (text, "1E" + text, text + "x"):
        tidy = tidied(long)
        is_scientific(tidy)
        without_decimals(tidy)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("1-800-FLOWERS", "+18003569377"),
        ("+1 800 flowers", "+18003569377"),
        ("001-800-FLOWERS", "+18003569377"),
        ("+39 06 698 12345", "+390669812345"),
        ("+54 9 11 2345 6789", "+5491123456789"),
        ("+800 1234 5678", "+80012345678"),
    ],
)
def test_numbers_of_other_kinds(text: str, e164: str) -> None:
    assert look_up(text).e164 == e164


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", facts.EMPTY),
        (" \t\u00a0", facts.EMPTY),
        ("'", facts.EMPTY),
        ("\u200b\ufeff", facts.EMPTY),
        ('""', facts.EMPTY),
        ('=""', facts.EMPTY),
        (" ;, ", facts.EMPTY),
        ('"', facts.NOT_A_NUMBER),
        ("abc", facts.NOT_A_NUMBER),
        ("-", facts.NOT_A_NUMBER),
        ("\x00", facts.NOT_A_NUMBER),
        ("N/A", facts.NOT_A_NUMBER),
        ("1", facts.TOO_SHORT),
        ("+12", facts.TOO_SHORT),
        ("+999 123 456", facts.INVALID_COUNTRY_CODE),
        ("000", facts.TOO_SHORT),
        ("0000000", facts.INVALID_COUNTRY_CODE),
        ("6.28123E+11", facts.SCIENTIFIC_NOTATION),
        ("6,28123e11", facts.SCIENTIFIC_NOTATION),
        ("'6E+11", facts.SCIENTIFIC_NOTATION),
        ("+62812", facts.TOO_SHORT),
        ("+4420123456789012", facts.TOO_LONG),
        ("1" * 251, facts.TOO_LONG),
        ("1" * (MAX_TEXT + 1), facts.TOO_LONG),
        ("+1 253 0000", facts.LOCAL_ONLY),
        ("+49 1", facts.TOO_SHORT),
        ("+62 21 000 000", facts.UNALLOCATED_RANGE),
    ],
)
def test_what_is_wrong_is_named(text: str, reason: str) -> None:
    assert look_up(text).facts.reason == reason


def test_a_country_reads_its_own_dialling_first() -> None:
    assert look_up("0812 3456 7000", "ID").e164 == JAKARTA
    assert look_up("011 62 812 3456 7000", "US").e164 == JAKARTA
    assert look_up("8~10 62 812 3456 7000", "RU").e164 == JAKARTA


def test_a_country_does_not_hide_international_numbers() -> None:
    assert look_up("6281234567000", "US").e164 == JAKARTA
    assert look_up("006281234567000", "US").e164 == JAKARTA
    assert look_up("+6281234567000", "US").e164 == JAKARTA


def test_when_no_reading_is_valid_the_first_one_is_reported() -> None:
    assert look_up("0812", "ID").e164 == "+620812"
    assert look_up("x", "ID").facts.reason == facts.NOT_A_NUMBER


def test_the_extension_is_dropped_from_the_formats() -> None:
    answer = look_up("+1 650 253 0000 ext. 123")
    assert (answer.e164, answer.national_format) == ("+16502530000", "(650) 253-0000")


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    answer = look_up(text)
    assert answer.facts.reason is None or answer.facts.reason in facts.REASONS


@given(
    st.text(alphabet="+0123456789 -().xX/;=~tel:ext\uff0b٣\u00a0", max_size=30),
    st.sampled_from(["ID", "US", "IT"]),
)
def test_a_valid_first_reading_is_that_of_phonenumbers(text: str, region_code: str) -> None:
    try:
        oracle = phonenumbers.parse(text, region_code)
    except phonenumbers.NumberParseException:
        return
    tidy = tidied(text)
    if not phonenumbers.is_valid_number(oracle) or without_decimals(tidy) != tidy:
        return
    number = read(text, region_code).number
    assert number is not None
    assert phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.E164
    ) == phonenumbers.format_number(oracle, phonenumbers.PhoneNumberFormat.E164)
