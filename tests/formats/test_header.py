"""Where the table begins: titles, blanks and `sep=` before the header are left out, rows of data never."""

import io

import pytest

from validator_svc.formats.layout import Hints
from validator_svc.formats.rows import NumberFile

ROWS = "Anna,+44 7400 123456,London\nBudi,+62 812-3456-7000,Jakarta\n"
NUMBERS = ["+44 7400 123456", "+62 812-3456-7000"]


def numbers_of(text: str, hints: Hints = Hints("f.csv")) -> list[str | None]:  # noqa: B008
    file = NumberFile(io.BytesIO(text.encode()), hints)
    return [number for block in file.row_blocks() for number in block.texts]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n",
        "\n\n  \n",
        ",,\n",
        "Customers\n",
        "Customers\n\n\n",
        "Customers,,\n,,\n",
        "Phone list\n\n",
        "Phone numbers 2026,,\n",
        "Exported: 2026-11-01,,\n",
        "Exported 2026-11-01 10:00\nby Ann\n\n",
        "Hotline: +44 7400 999999\n",
        "Person,Contact,Address\n",
        '"Customers,\nall of them"\n',
        "sep=,\n",
        "SEP=,\r\n",
        '"sep=,"\n',
        "sep=,,,\n",
        "\nsep=,\n",
        "sep=,\n\nCustomers\n",
        "\ufeffsep=,\n",
        "\ufeff\ufeff",
        "\ufeff\n",
        "\n" * 20,
        "Report,Customers\nDate,2026\nRows,2\n\n",
    ],
)
@pytest.mark.parametrize("header", ["Name,Phone,City\n", "Nom,Tél,Ville\n", '"Name","Phone","City"\n'])
def test_what_stands_before_the_header_is_left_out(before: str, header: str) -> None:
    layout = NumberFile(io.BytesIO((before + header + ROWS).encode()), Hints("f.csv")).layout
    assert layout.columns == tuple(header.replace('"', "").strip().split(","))
    assert numbers_of(before + header + ROWS) == NUMBERS


@pytest.mark.parametrize("name", ["f.csv", "f.txt", ""])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_title_does_not_hide_the_delimiter(name: str, delimiter: str) -> None:
    text = "Customers, all of them; as of today\n\n" + ("Name,Phone,City\n" + ROWS).replace(",", delimiter)
    assert numbers_of(text, Hints(name)) == NUMBERS


@pytest.mark.parametrize("delimiter", [";", "|", "^", ":", "~", "\t"])
def test_sep_is_obeyed(delimiter: str) -> None:
    text = f"sep={delimiter}\nName,Phone\n".replace(",", delimiter) + f"A, B{delimiter}+447400123456\n"
    assert numbers_of(text, Hints("f.txt")) == ["+447400123456"]


def test_a_title_over_names_that_say_nothing() -> None:
    assert numbers_of("Customers,,\n\nwho,how,where\n" + ROWS) == NUMBERS


def test_one_column_may_have_a_title_too() -> None:
    assert numbers_of("My friends\n\nphone\n+447400123456\n", Hints()) == ["+447400123456"]


@pytest.mark.parametrize(
    "first",
    [
        "1,,+6281234567000\n",
        ",,+6281234567000\n",
        "Anna,,+6281234567000\n",
        "Anna,Mobile,+6281234567000\n",
        "Mobile,Anna,07400 123456\n",
        "Anna,x,+6281234567000\n",
    ],
)
@pytest.mark.parametrize("column", [None, "3"])
def test_a_first_row_of_data_is_a_row(first: str, column: str | None) -> None:
    text = first + "2,Mobile,+6281234567001\n3,Home,+6281234567002\n"
    assert len(numbers_of(text, Hints("f.csv", column))) == 3


def test_what_the_caller_knows_of_the_header_goes_first() -> None:
    assert len(numbers_of("\nx,y\n1,+6281234567001\n", Hints("f.csv", has_header=True))) == 1
    assert len(numbers_of("Name,Phone\n1,+6281234567001\n", Hints("f.csv", has_header=False))) == 2
    text = "Customers,,\nwho,where,how\n1,2,3\n+6281234567001,,\n"
    assert numbers_of(text, Hints("f.csv", column="who")) == ["1", "+6281234567001"]


def test_a_header_may_name_fewer_columns_than_there_are() -> None:
    file = NumberFile(io.BytesIO(("Name\n" + ROWS).encode()), Hints("f.csv"))
    assert file.layout.columns == ("Name", "column_2", "column_3")
    assert numbers_of("Name\n" + ROWS.replace(",", ";"), Hints("f.csv")) == NUMBERS


def test_a_mark_before_a_name_is_not_of_the_name() -> None:
    text = "sep=,\n\ufeffPhone,Name\n+6281234567001,A\n"
    assert NumberFile(io.BytesIO(text.encode()), Hints("f.csv", "phone")).layout.columns == ("Phone", "Name")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("marks", [1, 2, 3])
def test_marks_at_the_beginning_are_not_of_the_text(encoding: str, marks: int) -> None:
    content = ("\ufeff" * marks + '"Phone","Name"\n+6281234567001,A\n').encode(encoding)
    file = NumberFile(io.BytesIO(content), Hints("f.csv"))
    assert file.layout.columns == ("Phone", "Name")
    assert [text for block in file.row_blocks() for text in block.texts] == ["+6281234567001"]
