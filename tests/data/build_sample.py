"""Builds sample.csv and sample.txt: numbers of every region and type, in every kind of dirt.

`python tests/data/build_sample.py` writes both beside this script, always the same for one version of
`phonenumbers`. All numbers are its example numbers or made from them; none is a real person's. What is
expected of each row follows from how it was made, or from `phonenumbers`, never from this service.

sample.csv has the columns `id`, `region` (ISO 3166-1 alpha-2, or 001), `dirt` (a key of DIRT, or one of
`refused`), `phone` and `expected_reason` (empty: valid). sample.txt has some of each dirt, a number a line.
"""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

SEED = 2026
OF_EACH_REFUSED = 25
OF_EACH_IN_TEXT = 4
HERE = Path(__file__).parent

REASON = {
    ValidationResult.IS_POSSIBLE: "unallocated_range",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "local_only",
    ValidationResult.TOO_SHORT: "too_short",
    ValidationResult.TOO_LONG: "too_long",
    ValidationResult.INVALID_LENGTH: "invalid_length",
}


class Row(NamedTuple):
    """One row of the sample, but for its id."""

    region: str
    dirt: str
    phone: str
    expected_reason: str


def e164(number: PhoneNumber) -> str:
    """`+` and digits."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def spaced(number: PhoneNumber) -> str:
    """As people write it for readers abroad, in groups."""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def in_digits_of(zero: str) -> Callable[[PhoneNumber], str]:
    """Writes a number in another script, whose digit zero is given."""
    table = {ord("0") + value: ord(zero) + value for value in range(10)}
    return lambda number: e164(number).translate(table)


def bracketed(number: PhoneNumber) -> str:
    """`+62 (812) 34567`."""
    code, nsn = number.country_code, phonenumbers.national_significant_number(number)
    return f"+{code} ({nsn[:3]}) {nsn[3:]}"


def vanity(number: PhoneNumber) -> str:
    """The last four digits as letters of the telephone keypad (ITU-T E.161), where each has some."""
    digits = e164(number)
    return digits[:-4] + digits[-4:].translate(str.maketrans("23456789", "ADGJMPTW"))


# Ways to write a number that leave it valid.
DIRT: dict[str, Callable[[PhoneNumber], str]] = {
    "digits": lambda number: e164(number)[1:],
    "double_zero": lambda number: "00" + e164(number)[1:],
    "spaces": spaced,
    "around": lambda number: f"  {e164(number)}\t",
    "dashes": lambda number: spaced(number).replace(" ", "-"),
    "dots": lambda number: spaced(number).replace(" ", "."),
    "slashes": lambda number: spaced(number).replace(" ", "/"),
    "brackets": bracketed,
    "no_break_spaces": lambda number: spaced(number).replace(" ", "\u00a0"),
    "narrow_spaces": lambda number: spaced(number).replace(" ", "\u202f"),
    "zero_width_spaces": lambda number: e164(number)[:4] + "\u200b" + e164(number)[4:] + "\u200b",
    "byte_order_mark": lambda number: "\ufeff" + e164(number),
    "bidi_embedding": lambda number: f"\u202a{spaced(number)}\u202c",
    "bidi_isolate": lambda number: f"\u2066{e164(number)}\u2069",
    "left_to_right_mark": lambda number: "\u200e" + e164(number),
    "line_break": lambda number: spaced(number).replace(" ", "\n", 1),
    "typographic_dashes": lambda number: spaced(number).replace(" ", "\u2013"),
    "tel_uri": lambda number: f"tel:{e164(number)}",
    "tel_uri_extension": lambda number: f"tel:{e164(number)};ext=12",
    "extension_word": lambda number: f"{e164(number)} ext. 12",
    "extension_x": lambda number: f"{e164(number)} x12",
    "full_width_plus": lambda number: "\uff0b" + e164(number)[1:],
    "full_width_digits": in_digits_of("\uff10"),
    "arabic_indic_digits": in_digits_of("\u0660"),
    "persian_digits": in_digits_of("\u06f0"),
    "devanagari_digits": in_digits_of("\u0966"),
    "bengali_digits": in_digits_of("\u09e6"),
    "thai_digits": in_digits_of("\u0e50"),
    "vanity_letters": vanity,
    "apostrophe": lambda number: "'" + e164(number),
    "apostrophe_digits": lambda number: "'" + e164(number)[1:],
    "trailing_point_zero": lambda number: e164(number)[1:] + ".0",
}

# Texts that are refused whatever number they were.
JUNK = {
    "empty": ("empty", ["", " ", "\t", "\u00a0", "'", "\u200b", "  \u200e "]),
    "junk": (
        "not_a_number",
        [
            "n/a",
            "none",
            "-",
            "unknown",
            "?",
            "+",
            "call me",
            "jane@example.com",
            "NULL",
            "TBD",
            "()",
            "☎",
            "—",
        ],
    ),
    "no_such_country": (
        "invalid_country_code",
        ["+999123456789", "+210123456789", "00999123456", "+0123456789", "+28912345678", "+8591234567890"],
    ),
    "few_digits": ("too_short", ["1", "7", "+1", "62", "8"]),
    "endless_digits": ("too_long", ["+" + "6281234567" * 3, "62" + "81" * 30, "+1" + "0" * 300]),
}


def example_numbers() -> Iterator[tuple[str, PhoneNumber]]:
    """(region, number): an example of every type that each region has, and of each global service."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for line_type in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, line_type)
            if number is not None and phonenumbers.is_valid_number(number):
                yield region, number
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        if number is not None:
            yield phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY, number


def has_letters(number: PhoneNumber) -> bool:
    """Whether `vanity` can write it: the keypad has no letters on 0 and 1."""
    return not {"0", "1"}.intersection(e164(number)[-4:])


def dirty_rows(numbers: list[tuple[str, PhoneNumber]], dice: random.Random) -> Iterator[Row]:
    """Every number as it should be, and once in some dirt; all kinds of dirt about as often."""
    kinds = list(DIRT)
    for region, number in numbers:
        yield Row(region, "clean", e164(number), "")
        kind = dice.choice(kinds)
        if kind == "vanity_letters" and not has_letters(number):
            kind = "spaces"
        yield Row(region, kind, DIRT[kind](number), "")


def refused_rows(numbers: list[tuple[str, PhoneNumber]], dice: random.Random) -> Iterator[Row]:
    """Numbers made wrong, some for each reason that `phonenumbers` gives, and what spreadsheets spoiled."""
    left = dict.fromkeys(REASON.values(), OF_EACH_REFUSED)
    while any(left.values()):
        region, number = dice.choice(numbers)
        text = altered(e164(number), dice)
        reason = reason_of(text)
        if left.get(reason):
            left[reason] -= 1
            yield Row(region, reason, text, reason)
    for region, number in dice.sample(numbers, OF_EACH_REFUSED):
        mantissa = int(e164(number)[1:])
        yield Row(region, "scientific", f"{mantissa:.5E}", "scientific_notation")
        yield Row(region, "scientific", f"{mantissa:.3e}".replace(".", ","), "scientific_notation")


def altered(digits: str, dice: random.Random) -> str:
    """The number shorter, longer, or with other digits after its first four."""
    if dice.random() < 0.5:
        return digits[: dice.randrange(4, len(digits))]
    length = dice.randrange(len(digits), 18)
    return digits[:4] + "".join(dice.choice("0123456789") for _ in range(length - 4))


def reason_of(text: str) -> str:
    """Why `phonenumbers` finds the number not valid; empty when it is, or when it cannot be parsed."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_valid_number(number):
        return ""
    return REASON.get(phonenumbers.is_possible_number_with_reason(number), "")


def sample_rows() -> list[Row]:
    """The whole sample, shuffled."""
    dice = random.Random(SEED)
    numbers = list(example_numbers())
    rows = [*dirty_rows(numbers, dice), *refused_rows(numbers, dice)]
    rows += [Row("", dirt, text, reason) for dirt, (reason, texts) in JUNK.items() for text in texts]
    dice.shuffle(rows)
    return rows


def text_lines(rows: list[Row]) -> list[str]:
    """Some numbers of each dirt; those with a line break have no place in a file of lines."""
    taken: dict[str, int] = {}
    lines: list[str] = []
    for row in rows:
        taken[row.dirt] = taken.get(row.dirt, 0) + 1
        if taken[row.dirt] <= OF_EACH_IN_TEXT and row.dirt != "line_break":
            lines.append(row.phone)
    return lines


def build(folder: Path) -> None:
    """Write both files into the folder."""
    rows = sample_rows()
    with (folder / "sample.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", *Row._fields])
        writer.writerows([number, *row] for number, row in enumerate(rows, start=1))
    text = "".join(line + "\n" for line in text_lines(rows))
    (folder / "sample.txt").write_bytes(text.encode())


if __name__ == "__main__":
    build(HERE)
