"""Files of numbers answered block by block: bytes of rows go into the kernel, bytes of records come out."""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Layout
from validator_svc.formats.lines import MAX_LINE, check_length, in_utf_8
from validator_svc.formats.row_regions import region_in
from validator_svc.formats.rows import NumberFile, too_long
from validator_svc.formats.width import check_sparse
from validator_svc.kernel.csv_rows import size_of_rows
from validator_svc.kernel.interface import Answer, CsvLayout, Form, Kernel, Kind, Tally
from validator_svc.kernel.line_ends import count_line_ends

MAX_ROW = 4 * MAX_LINE
"""Bytes of one row, through line breaks in its cells, before it is called broken."""

Read = Callable[[bytes, bool], Answer]
"""Answers the whole rows of a block, which may be the last."""
Check = Callable[[int, int], None]
"""Raises UnreadableFileError when so many bytes, after so many lines, are too many for one row."""


def answers(
    numbers: NumberFile,
    kernel: Kernel,
    kind: Kind,
    tally: Tally,
    form: Form = "ndjson",
    country: int | None = None,
) -> Iterator[Answer]:
    """The records of all rows of a file, in order, block by block.

    `form`: "csv" for records behind the rows' own cells; only CSV has these. `country`: the column of
    CSV where each row names its own. Raises
    UnreadableFileError, naming the line, for a row that does not end and for a quoted cell that is
    never closed.
    """
    layout = numbers.layout
    if layout.separator is not None:
        for block in numbers.row_blocks(with_cells=False):
            yield Answer(kernel.texts(block.texts, kind, tally), len(block.texts), 0)
        return
    blocks = in_utf_8(numbers.blocks(), layout.encoding)
    read = reader(kernel, kind, layout, tally, form, country)
    if layout.format != "csv":
        yield from carried_over(blocks, read, check_length, 0)
        return
    first, rest = first_rows(blocks, layout.delimiter, layout.rows_before + layout.has_header)
    columns = len(layout.columns) if form == "csv" else 0
    yield from carried_over(chain([rest], blocks), read, check_row, count_line_ends(first), columns)


def reader(kernel: Kernel, kind: Kind, layout: Layout, tally: Tally, form: Form, country: int | None) -> Read:
    """What answers the blocks of a file."""
    if layout.format == "text":
        return lambda block, is_last: kernel.lines(block, kind, tally, is_last)
    if layout.format == "ndjson":
        return lambda block, is_last: kernel.ndjson(block, kind, layout.phone_key, tally, is_last)
    width, line_end = len(layout.columns), layout.line_end
    rows = CsvLayout(layout.delimiter, layout.phone_column, width, country, region_in, line_end)
    return lambda block, is_last: kernel.csv(block, kind, rows, tally, form, is_last)


def first_rows(blocks: Iterator[bytes], delimiter: str, count: int) -> tuple[bytes, bytes]:
    """The first so many rows of CSV, and what else had to be read for them."""
    held = b""
    for block in blocks:
        held += block
        size = size_of_rows(held, delimiter, count)
        if size is not None:
            return held[:size], held[size:]
        check_row(len(held), 0)
    return held, b""


def check_row(size: int, lines_before: int) -> None:
    """Raise UnreadableFileError for a row of CSV that is over the limit."""
    if size > MAX_ROW:
        raise too_long(lines_before + 1)


def carried_over(
    blocks: Iterable[bytes], read: Read, check: Check, lines_before: int, columns: int = 0
) -> Iterator[Answer]:
    """The answers to blocks, of which each has before it what was left of the one before.

    `lines_before`: lines of the file before the first block. `columns`: those to which rows are filled up.
    """
    carried = b""
    for block in blocks:
        block = carried + block
        check_sparse(block.count(b"\n"), columns, len(block), lines_before + 1)
        answer = answer_to(block, False, read, lines_before)
        lines_before += count_line_ends(block, answer.consumed)
        carried = block[answer.consumed :]
        check(len(carried), lines_before)
        yield answer
    if carried:
        answer = answer_to(carried, True, read, lines_before)
        yield answer
        if answer.consumed < len(carried):
            lines_before += count_line_ends(carried, answer.consumed)
            raise UnreadableFileError("a cell opened with a quote is never closed", lines_before + 1)


def answer_to(block: bytes, is_last: bool, read: Read, lines_before: int) -> Answer:
    """The answer to one block. Raises UnreadableFileError."""
    try:
        return read(block, is_last)
    except csv.Error:
        raise too_long(lines_before + 1) from None
