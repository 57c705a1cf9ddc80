"""Real files that people had trouble with, and what is right for each, at every entrance."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "data" / "field_cases"


class Case(NamedTuple):
    """What comes out of a file."""

    numbers: Sequence[str]
    """`phone_number` of every record."""
    columns: Sequence[str] = []
    """The file's own columns, as they head the CSV results."""
    country: str | None = None
    """Region to read it with, where its numbers are national."""


def contents(name: str) -> bytes:
    """A file's bytes."""
    if name == "huge_cell.csv":
        huge = b"x" * 400_000
        return b'Name,Phone,Notes\r\nAnna,+44 7400 123456,"' + huge + b'"\r\nBudi,+62 812-3456-7000,y\r\n'
    return (FOLDER / name).read_bytes()


ANNA, BUDI = "+44 7400 123456", "+62 812-3456-7000"
PEOPLE = Case([ANNA, BUDI], ["Name", "Phone"])
PEOPLE_OF_CITIES = Case([ANNA, BUDI], ["Name", "Phone", "City"])

CASES = {
    "no_col_de.csv": Case(["030 123456", "030 123457"], ["Nr", "Name", "Telefonnr."], "DE"),
    "no_col_en.csv": Case(["07400 123456", "07400 123457"], ["No", "Name", "Phone"], "GB"),
    "no_col_en_e164.csv": Case([ANNA, "+44 7400 123457"], ["No", "Name", "Contact Number"]),
    "no_col_jp.csv": Case(["090-1234-5678", "090-1234-5679"], ["番号", "氏名", "連絡先"], "JP"),
    "no_col_pl.csv": Case(["512 345 678", "512 345 679"], ["Nr", "Imię", "Nr telefonu"], "PL"),
    "hdr_hash.csv": Case(["07400 123456", "07400 123457"], ["phone_hash", "mobile"], "GB"),
    "hdr_phone_label.csv": Case(
        ["07400 123456", "07400 123457"], ["Name", "Phone 1 - Label", "Phone 1 - Value"], "GB"
    ),
    "phone_two_national.csv": Case(
        ["07400 123456", "07400 123457"], ["Phone Number", "Mobile Number", "Name"], "GB"
    ),
    "sep_comma.csv": PEOPLE,
    "sep_comma_quoted.csv": PEOPLE,
    "sep_pipe.csv": PEOPLE,
    "sep_semicolon.csv": Case([ANNA, BUDI, "+1 201-555-0123"], ["Name", "Phone", "City"]),
    "blank_first_line.csv": Case([ANNA], ["Name", "Phone"]),
    "utf8_bom_blankline.csv": Case([ANNA, BUDI], ["Phone", "Name"]),
    "commas_first_line.csv": Case([ANNA], ["Name", "Phone", "City"]),
    "title_rows.csv": PEOPLE_OF_CITIES,
    "title_rows_1col.csv": PEOPLE_OF_CITIES,
    "header_narrow.csv": Case([ANNA, BUDI], ["Name", "column_2"]),
    "pl_cp1250.csv": Case(["+48 512 345 678", "+48 12 345 67 89"], ["Imię", "Telefon"]),
    "big_cz_cp1250.csv": Case(
        [f"+420 601 123 {400 + at}" for at in range(120)], ["Jméno a příjmení", "Město", "Telefon"]
    ),
    "merged_title.xlsx": PEOPLE_OF_CITIES,
    "hidden_first.xlsx": PEOPLE,
    "array_null.json": Case(["", ANNA, "", ""], ["phone_number"]),
    "array_null_first.json": Case(["", "+447400123456"]),
    "array_numbers.json": Case(["447400123456", "6281234567000"]),
    "comma_list.txt": Case(["+447400123456", "+6281234567000", "+12015550123"]),
    "semicolon_list.txt": Case(["+447400123456", "+6281234567000", "+12015550123"]),
    "huge_cell.csv": Case([ANNA, BUDI], ["Name", "Phone", "Notes"]),
}
"""Files that are read."""

REFUSED = {
    "only_bom.csv": "the file is empty",
    "html_as.xls": "the file is HTML, perhaps under the name of a spreadsheet; open it in a spreadsheet",
    "object_wrapped_pretty.json": "the file is a JSON object around a list, or written over many lines; send",
    "request_body.json": "the file is a JSON object around a list",
}
"""Files that cannot be, with what is said of each."""


def rows_of(results: bytes) -> list[dict[str, str]]:
    """The rows of results in CSV, by their header; each must have a cell for every column."""
    csv.field_size_limit(1024 * 1024)
    text = results.decode()
    header = text.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert all(None not in row for row in rows)
    return rows
