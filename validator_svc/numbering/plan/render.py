"""Finished NDJSON lines from classes: a line is made of its constants and slices of its digits.

A line is made once by the slow way's own encoder, of a record with marks where the text and the
digits go; what stands between the marks are the constants. So the fields, their order and their
encoding have one home, `record`.

Lines are text in which every character stands for one byte of UTF-8 (that is: decoded as
Latin-1). Such text stays one byte a character in memory, so a chunk of lines joins and encodes by
plain copying, though carriers have names in every script.
"""

import re
import sys

from validator_svc.numbering.facts import PlanAnswer, RequestType
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.shapes import write
from validator_svc.numbering.plan.tables import Entry, slice_of
from validator_svc.numbering.record import Record, to_line

BYTES = "latin-1"

# Private use characters stand for the text, for all digits, and for each digit by itself.
TEXT_MARK = "\ue000"
DIGITS_MARK = "\ue001"
FIRST_DIGIT = 0xE100
MARKS = re.compile("(\ue000|\ue001|[\ue100-\ue1ff]+)")

BEGINNING = '{"phone_number":"'
"""Every line begins with it, and the functions below with them."""

Piece = str | slice
"""A constant, or which of the digits."""


def marked_answer(number_class: NumberClass) -> PlanAnswer:
    """An answer for the class, with marks in place of digits."""
    calling_code, facts, shape, length = number_class
    start = FIRST_DIGIT + len(str(calling_code))
    nsn = "".join(chr(start + index) for index in range(length))
    return PlanAnswer(facts, calling_code, nsn, write(shape, nsn))


def marked_line(marked: Record, request_type: RequestType, both_names: bool) -> str:
    """The line of a record with marks, still with them."""
    return to_line(marked, request_type, both_names).decode()


def entry_of(line: str) -> Entry:
    """The entry that writes lines like this one with marks; they are in its beginning and its formats."""
    beginning, text, *parts = MARKS.split(line)
    assert (beginning, text) == (BEGINNING, TEXT_MARK)
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pieces.append(sys.intern(part.encode().decode(BYTES)))
        elif part != DIGITS_MARK:
            pieces += slices_of(part)
    if DIGITS_MARK not in parts:
        return (write_text, *pieces)
    return (WRITERS.get(len(pieces), write_pieces), *pieces)


def slices_of(marks: str) -> list[Piece]:
    """The slices of digits that consecutive marks stand for, with empty constants between them."""
    indices = [ord(mark) - FIRST_DIGIT for mark in marks]
    starts = [at for at, index in enumerate(indices) if at == 0 or index != indices[at - 1] + 1]
    pieces: list[Piece] = []
    for start, stop in zip(starts, [*starts[1:], len(indices)], strict=True):
        pieces += ["", slice_of(indices[start], indices[stop - 1] + 1)]
    return pieces[1:]


def write_text(text: str, digits: str, entry: Entry) -> str:
    """For texts in which there is no number."""
    return f'{{"phone_number":"{text}{entry[1]}'


def write_one(text: str, digits: str, entry: Entry) -> str:
    """For national formats in one piece; the others are for more of them."""
    return f'{{"phone_number":"{text}{entry[1]}{digits}{entry[2]}{digits[entry[3]]}{entry[4]}'


def write_two(text: str, digits: str, entry: Entry) -> str:
    return (
        f'{{"phone_number":"{text}{entry[1]}{digits}{entry[2]}{digits[entry[3]]}{entry[4]}'
        f"{digits[entry[5]]}{entry[6]}"
    )


def write_three(text: str, digits: str, entry: Entry) -> str:
    return (
        f'{{"phone_number":"{text}{entry[1]}{digits}{entry[2]}{digits[entry[3]]}{entry[4]}'
        f"{digits[entry[5]]}{entry[6]}{digits[entry[7]]}{entry[8]}"
    )


def write_four(text: str, digits: str, entry: Entry) -> str:
    return (
        f'{{"phone_number":"{text}{entry[1]}{digits}{entry[2]}{digits[entry[3]]}{entry[4]}'
        f"{digits[entry[5]]}{entry[6]}{digits[entry[7]]}{entry[8]}{digits[entry[9]]}{entry[10]}"
    )


def write_pieces(text: str, digits: str, entry: Entry) -> str:
    """For any number of pieces, which takes twice the time."""
    pieces = [piece if isinstance(piece, str) else digits[piece] for piece in entry[3:]]
    return f'{{"phone_number":"{text}{entry[1]}{digits}{entry[2]}{"".join(pieces)}'


# By how many pieces follow in the entry.
WRITERS = {4: write_one, 6: write_two, 8: write_three, 10: write_four}
