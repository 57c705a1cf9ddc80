"""Many numbers on one line, as people paste them."""

import re

from validator_svc.formats.number_like import looks_like_number
from validator_svc.numbering import reading

SEPARATORS = (";", "|", "\t", ",")
SPACED = re.compile(r"(?:\+\d{7,15}\s+)+\+\d{7,15}\s*")
# Of a long line the first ones tell.
PIECES_READ = 50


def separator_of(line: str, region_code: str | None) -> str | None:
    """What separates the numbers on a line of several; None unless every piece of it looks like a number.

    At least half of them are valid: ids of a row of a table are not.
    """
    if SPACED.fullmatch(line.strip()):
        return " "
    for separator in SEPARATORS:
        pieces = numbers_on(line, separator)
        if len(pieces) > 1 and all(map(looks_like_number, pieces)):
            read = pieces[:PIECES_READ]
            valid = sum(reading.is_valid(reading.read(piece, region_code)) for piece in read)
            return separator if valid * 2 >= len(read) else None
    return None


def numbers_on(line: str, separator: str) -> list[str]:
    """The numbers on a line, without blanks around them; what the line ends in is none."""
    pieces = line.split(None if separator == " " else separator)
    numbers = [piece.strip() for piece in pieces]
    return numbers[:-1] if len(numbers) > 1 and not numbers[-1] else numbers
