"""The phone column is the one whose cells are numbers; names tell of the doubtful ones."""

import random

import pytest

from validator_svc.formats.column_names import Meaning, meaning_of
from validator_svc.formats.number_like import looks_like_number
from validator_svc.formats.phone_column import find_column


@pytest.mark.parametrize(
    "cell",
    """
    +6281234567000|6281234567000|0062 812 3456 7000|(201) 555-0123|+1 (201) 555-0123 ext. 5|030/123456
    01.23.45.67.89|+44 (0) 7400 123456|tel:+447400123456|Tel. 030 123456|T: 030 123456|電話：090-1234-5678
    6281234567000.0|6.28123E+11|6,28E+11|'+447400123456|="+447400123456"|０９０－１２３４－５６７８|٠١٢٣٤٥٦٧٨٩
    123456|8 (912) 345-67-89|0812-3456-7000|512 345 678|02 1234 5678 int 12|1-201-555-0123
    """.replace("\n", "|").split("|"),
)
def test_cells_that_look_like_numbers(cell: str) -> None:
    assert looks_like_number(cell.strip()) or not cell.strip()


@pytest.mark.parametrize(
    "cell",
    """
    |1|12345|2026-11-01|01.11.2026|11/01/2026|1.11.2026 10:00|2026-11-01 10:00:00|20261101
    2026-11-01T10:00:00Z
    1234567.89|1,234,567.50|1.234.567,50|1 234 567,50|52.520008|-13.404954|-1234567|12345-6789|01310-100
    123.456.789-09|12.345.678/0001-95|123-45-6789|192.168.100.200|4111 1111 1111 1111|4111111111111111
    DE89 3704 0044 0532 0130 00|GB29NWBK60161331926819|DE123456789|ORD-100045|INV2026001|Order 1000045
    A1B2C3D4E5F6
    10:00:00 12:00:00|SW1A 1AA|Anna|n/a|Flat 12, 34567 Town|phone|1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
    """.replace("\n", "|").split("|"),
)
def test_cells_that_hold_other_digits(cell: str) -> None:
    assert not looks_like_number(cell.strip())


HEADERS = """
    No,Name,Contact|Nr,Name,Handynr.|Nr,Imię,Telefon kontaktowy|番号,氏名,連絡先|序号,姓名,手机
    번호,이름,연락처|#,Nom,Portable|N°,Nom,Tél.|Nº,Nombre,Móvil|№,Имя,Тел.|Nro,Nombre,Celular
    Nomor,Nama,No. HP|Sıra No,Ad,Cep
    Č.,Jméno,Mobil|Number,Name,Cell|id,nom,tel|row,who,how|Sr. No.,Name,Mobile No.|STT,Tên,Số điện thoại
    ลำดับ,ชื่อ,โทร|رقم,الاسم,الهاتف|מספר,שם,טלפון
    """


@pytest.mark.parametrize("header", HEADERS.replace("\n", "|").split("|"))
@pytest.mark.parametrize("number", ["+44 7400 12345{}", "07400 12345{}", "44740012345{}"])
def test_row_numbers_are_no_phone_numbers(header: str, number: str) -> None:
    if not header.strip():
        return
    rows = [[str(at), "Anna", number.format(at)] for at in range(1, 8)]
    assert find_column(header.strip().split(","), rows, None) == 2


def table(*columns: list[str]) -> list[list[str]]:
    return [list(row) for row in zip(*columns, strict=True)]


NATIONAL = [f"07400 12345{at}" for at in range(10)]
ABROAD = [f"+44 7400 12345{at}" for at in range(10)]
# Valid as numbers of Egypt, were they numbers.
IDS = [f"20100123456{at}" for at in range(10)]
BLANK = [""] * 10


@pytest.mark.parametrize(
    ("names", "columns", "expected"),
    [
        (["customer", "Phone"], [IDS, NATIONAL], 1),
        (["order_id", "Phone"], [IDS, NATIONAL], 1),
        (["order_id", "contact"], [IDS, NATIONAL], 1),
        (["customer", "contact"], [IDS, ABROAD], 1),
        (["Phone", "contact"], [BLANK, NATIONAL], 1),
        (["Phone", "contact"], [["n/a"] * 10, NATIONAL], 1),
        (["Phone", "contact"], [["x"] * 7 + ABROAD[:3], ABROAD], 1),
        (["contact", "Phone"], [ABROAD, [*ABROAD[:9], ""]], 1),
        (["Fax", "Phone"], [ABROAD, ABROAD[:6] + [""] * 4], 1),
        (["Fax", "Phone"], [ABROAD, NATIONAL], 1),
        (["Fax", "Phone"], [ABROAD, BLANK], 0),
        (["Phone", "Mobile"], [BLANK, NATIONAL], 1),
        (["Phone", "Mobile"], [NATIONAL, NATIONAL], 0),
        (["phone_hash", "mobile"], [["a1b2"] * 10, NATIONAL], 1),
        (["phone_id", "mobile"], [IDS, NATIONAL], 1),
        (["Phone 1 - Label", "Phone 1 - Value"], [["Work"] * 10, NATIONAL], 1),
        (["Phone type", "Phone"], [["mobile"] * 10, BLANK], 1),
        (["msisdn", "x"], [IDS, BLANK], 0),
        (["postcode", "Telefon"], [["12345-6789"] * 10, NATIONAL], 1),
        (["created", "who"], [[f"2026-11-0{at}" for at in range(10)], NATIONAL], 1),
        (["timestamp", "who"], [[f"170000000{at}" for at in range(10)], NATIONAL], 1),
        (["siret", "téléphone"], [[f"7325298130000{at}" for at in range(10)], NATIONAL], 1),
        (["notes", "Phone"], [[ABROAD[0]] + ["call back"] * 9, NATIONAL], 1),
        ([], [IDS, ABROAD], 1),
        ([], [[str(at) for at in range(10)], NATIONAL], 1),
        (["a", "b"], [["x"] * 10, BLANK], None),
    ],
)
def test_a_column_is_chosen(names: list[str], columns: list[list[str]], expected: int | None) -> None:
    assert find_column(names, table(*columns), None) == expected


def test_random_ids_never_win_over_a_half_empty_phone_column() -> None:
    dice = random.Random(3)
    for _ in range(50):
        ids = [str(dice.randrange(10**9, 10**10)) for _ in range(20)]
        phones = [f"07400 1234{at:02}" if at % 2 else "" for at in range(20)]
        assert find_column(["customer", "Phone"], table(ids, phones), None) == 1


def test_a_region_makes_national_numbers_valid() -> None:
    rows = table([f"1234 56{at:02}" for at in range(10)], NATIONAL)
    assert find_column([], rows, "GB") == 1


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Phone/Fax", Meaning.PHONE),
        ("Fax", Meaning.OTHER),
        ("order number", Meaning.OTHER),
        ("Order phone", Meaning.PHONE),
        ("phone label", Meaning.OTHER),
        ("No", Meaning.NUMBER),
        ("city", Meaning.NEUTRAL),
        ("郵便番号", Meaning.OTHER),
        ("電話番号", Meaning.PHONE),
        ("C1", Meaning.NEUTRAL),
    ],
)
def test_what_names_mean(name: str, meaning: Meaning) -> None:
    assert meaning_of(name) is meaning
