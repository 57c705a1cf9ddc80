"""Finished NDJSON lines from classes: one generated function a shape of line.

A line is made once by the slow way's own encoder, of a record with marks where the text and the
digits go; what stands between the marks are the constants. So the fields, their order and their
encoding have one home, `record`.

Lines are text in which every character stands for one byte of UTF-8 (that is: decoded as
Latin-1). Such text stays one byte a character in memory, so a chunk of lines joins and encodes by
plain copying, though carriers have names in every script.
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Literal

from validator_svc.numbering.facts import PlanAnswer, RequestType
from validator_svc.numbering.plan.classes import NumberClass
from validator_svc.numbering.plan.shapes import write
from validator_svc.numbering.plan.tables import Entry
from validator_svc.numbering.record import Record, to_line

Writer = Callable[[str, str, Entry], str]
"""Writes a finished line from a text that needs no escaping in JSON, and its international digits."""

BYTES = "latin-1"

# Private use characters stand for the text, for all digits, and for each digit by itself.
TEXT_MARK = "\ue000"
DIGITS_MARK = "\ue001"
FIRST_DIGIT = 0xE100
MARK = re.compile("([\ue000-\ue1ff])")

Piece = str | tuple[int, int] | None | Literal[0, 1]
"""Text to write, a slice of the digits, or one of:"""
TEXT: Literal[0] = 0
DIGITS: Literal[1] = 1
CONSTANT = None


def marked_answer(number_class: NumberClass) -> PlanAnswer:
    """An answer for the class, with marks in place of digits."""
    calling_code, facts, shape, length = number_class
    start = FIRST_DIGIT + len(str(calling_code))
    nsn = "".join(chr(start + index) for index in range(length))
    return PlanAnswer(facts, calling_code, nsn, write(shape, nsn))


def entry_of(marked: Record, request_type: RequestType, both_names: bool) -> Entry:
    """The entry that writes lines like that of `marked`, a record with marks."""
    line = to_line(marked, request_type, both_names).decode()
    shape, constants = taken_apart(line)
    return (writer_of(shape), *constants)


def taken_apart(line: str) -> tuple[tuple[Piece, ...], list[str]]:
    """The shape of a line with marks: constants between digits stay in it, the others come apart."""
    shape: list[Piece] = []
    constants: list[str] = []
    for index, part in enumerate(MARK.split(line)):
        last = shape[-1] if shape else None
        if index % 2 == 0:
            if part:
                shape.append(part)
        elif part == TEXT_MARK:
            shape.append(TEXT)
        elif part == DIGITS_MARK:
            shape.append(DIGITS)
        else:
            digit = ord(part) - FIRST_DIGIT
            if isinstance(last, tuple) and last[1] == digit:
                shape[-1] = (last[0], digit + 1)
            else:
                shape.append((digit, digit + 1))
    for index, piece in enumerate(shape):
        if isinstance(piece, str) and not belongs_to_shape(shape, index):
            constants.append(sys.intern(piece.encode().decode(BYTES)))
            shape[index] = CONSTANT
    return tuple(shape), constants


def belongs_to_shape(shape: list[Piece], index: int) -> bool:
    """Whether the text at `index` goes with the shape: the very first, or one before a slice of digits.

    These are few, and a literal in the function is faster than a constant out of its entry.
    """
    return index == 0 or (index < len(shape) - 1 and isinstance(shape[index + 1], tuple))


@cache
def writer_of(shape: tuple[Piece, ...]) -> Writer:
    """The function that writes lines of this shape with the constants of an entry."""
    parts: list[str] = []
    slices: dict[str, object] = {}
    constants = 0
    for piece in shape:
        if piece is CONSTANT:
            constants += 1
            parts.append(f"f'{{entry[{constants}]}}'")
        elif isinstance(piece, str):
            parts.append(repr(piece.encode().decode(BYTES)))
        elif isinstance(piece, tuple):
            # A slice made beforehand saves a tenth of the time that a line takes.
            slices[f"part{len(slices)}"] = slice(*piece)
            parts.append(f"f'{{digits[part{len(slices) - 1}]}}'")
        else:
            parts.append("f'{text}'" if piece == TEXT else "f'{digits}'")
    # Only numbers and string literals made by `repr` go into the source.
    source = f"lambda text, digits, entry: {' '.join(parts)}"
    writer: Writer = eval(source, {"__builtins__": {}, **slices})  # noqa: S307
    return writer
