"""Format, delimiter, header and phone column are found, or what is missing is named."""

import io
import random

import pytest

from validator_svc.formats.column_names import is_phone_name
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints, Layout, find_layout
from validator_svc.formats.sample import SampledFile


def found(text: str, hints: Hints = Hints()) -> Layout:  # noqa: B008
    return find_layout(SampledFile(io.BytesIO(text.encode())), hints)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_delimiter_is_found(delimiter: str, line_end: str) -> None:
    rows = [["name", "phone", "note"], ["A", "+6281234567000", "x, y; z"], ["B", "+447400123456", ""]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in row) + line_end for row in rows)
    layout = found(text)
    assert (layout.delimiter, layout.line_end) == (delimiter, line_end)
    assert layout.columns == ("name", "phone", "note")
    assert layout.phone_column == 1


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("+6281234567000\n+6281234567001\n", "", "text"),
        ("+6281234567000\n", "numbers.txt", "text"),
        ("+62 812, ext. 5\n+6281234567001\n+6281234567002\n", "", "text"),
        ("\n\n\n", "", "text"),
        ("phone\n+6281234567000\n", "", "csv"),
        ("+6281234567000\n", "numbers.CSV", "csv"),
        ("+6281234567000\tAnna\n", "numbers.txt", "csv"),
        ('"+6281234567000"\n', "", "ndjson"),
        ('\n{"phone_number":"1"}\n', "", "ndjson"),
        ('"+6281234567000","Anna"\n', "", "csv"),
        ("6281234567000\n", "numbers.jsonl", "ndjson"),
        ("{broken\n+6281234567000\n", "", "text"),
    ],
)
def test_a_format_is_found_by_name_or_content(text: str, name: str, expected: str) -> None:
    assert found(text, Hints(name)).format == expected


@pytest.mark.parametrize(
    ("text", "has_header", "column"),
    [
        ("Name,Téléphone\nAnna,+33612345678\n", True, 1),
        ("msisdn,x\n6281234567000,1\n", True, 0),
        ("who,where,how\nAnna,Köln,+4915123456789\nBen,Bonn,+4915123456780\n", True, 2),
        ("Anna,+4915123456789\nBen,+4915123456780\n", False, 1),
        ("+4915123456789,Anna\n", False, 0),
        ("1,+4915123456789\n2,n/a\n3,+4915123456780\n", False, 1),
        (",name,phone\n0,Anna,+4915123456789\n", True, 2),
        ("phone type,phone\nmobile,+4915123456789\n", True, 1),
        ("phone,mobile\n,+4915123456789\n030 1,+4915123456780\n", True, 1),
        ("order number,contact\n100000000001,+4915123456789\n100000000002,+4915123456780\n", True, 1),
        ("phone\nn/a\n", True, 0),
    ],
)
def test_header_and_phone_column_are_found(text: str, has_header: bool, column: int) -> None:
    layout = found(text, Hints("file.csv"))
    assert (layout.has_header, layout.phone_column) == (has_header, column)


def test_national_numbers_are_recognised_with_their_region() -> None:
    text = "who,what,where\nAnna,0151 23456789,1\nBen,0151 23456780,2\n"
    assert found(text, Hints(region_code="DE")).phone_column == 1


@pytest.mark.parametrize(("given", "column"), [("b", 1), ("B ", 1), ("2", 1), ("1", 2), ("3", 2)], ids=repr)
def test_a_column_is_taken_by_name_before_number(given: str, column: int) -> None:
    text = "a,b,1\nx,y,+6281234567000\nx,y,+6281234567001\n"
    assert found(text, Hints(column=given)).phone_column == column


def test_columns_without_names_are_numbered() -> None:
    layout = found("Anna,+4915123456789\nBen,+4915123456780,x\n", Hints("f.csv", column="2"))
    assert layout.columns == ("column_1", "column_2", "column_3")


@pytest.mark.parametrize(
    ("text", "hints", "message"),
    [
        ("phone,name\n", Hints("f.csv"), r"line 1: the file is only a header"),
        ("phone\n", Hints(), r"line 1: the file is only a header"),
        ("a,b\nx,y\n", Hints("f.csv"), r"line 1: no phone column found"),
        ("who,phone\nx,1\n", Hints(column="tel"), r'line 1: there is no column \'tel\'; .*"who","phone"'),
        ("Anna,+4915123456789\n", Hints(column="3"), r"there is no column '3'; expected its number, 1 to 2"),
        ("Anna,+4915123456789\n", Hints(column="0"), r"there is no column '0'"),
        ('{"a":1}\n', Hints(), r"no object has the key 'phone_number'; the columns are \"a\""),
        ('{"phone":"1"}\n', Hints(column="tel"), r"no object has the key 'tel'"),
        ('["+6281234567000"]', Hints(), r"JSON array"),
        ("[\n{}\n]", Hints("x.json"), r"JSON array"),
    ],
)
def test_what_is_missing_is_named(text: str, hints: Hints, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message) as caught:
        found(text, hints)
    assert "4915123456789" not in str(caught.value)


def test_ndjson_has_the_keys_of_its_objects_as_columns() -> None:
    layout = found('{"a":1,"mobile":"+6281234567000"}\n"+6281234567000"\n{"b":null}\n')
    assert layout.columns == ("a", "mobile", "b")
    assert layout.phone_key == "mobile"


def test_a_phone_column_wins_over_other_digits() -> None:
    dice = random.Random(1)
    rows = "".join(
        f"{dice.randrange(10**9)},2026-11-{day:02} 10:00:00,{dice.randrange(10**15, 10**16)},+49151{day:08}\n"
        for day in range(1, 29)
    )
    assert found(rows).phone_column == 3


@pytest.mark.parametrize(
    "name",
    """
    Phone|customer_mobile|phoneNumber|PHONE 1|Téléphone|TELEFONO|Nº de teléfono|no_hp|Номер телефона|手机号码
    电话|電話番号|휴대폰|الهاتف|טלפון נייד|điện thoại|फ़ोन|เบอร์โทร|number|E164|Rufnummer (privat)|κινητό
    """.replace("\n", "|").split("|"),
)
def test_names_of_phone_columns_in_many_languages(name: str) -> None:
    assert is_phone_name(name) == bool(name.strip())


@pytest.mark.parametrize(
    "name",
    ["", "name", "phone_type", "phone country code", "order number", "cellar", "+62 812 3456 7000", "city"],
)
def test_names_of_other_columns(name: str) -> None:
    assert not is_phone_name(name)
