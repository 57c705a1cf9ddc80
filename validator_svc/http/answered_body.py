"""A body's rows answered by the kernel while it is still being sent; the numbering plan alone is asked."""

import codecs
import csv
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial

from validator_svc.formats.text_codecs import decoder_of
from validator_svc.http.csv_rows import MAX_ROW_CHARS, is_enough, layout_of, unclosed
from validator_svc.http.lines import MAX_LINE, codec_of
from validator_svc.http.sniffing import Kind as BodyKind
from validator_svc.kernel.csv_rows import size_of_rows
from validator_svc.kernel.interface import Answer, CsvLayout, Kernel, Kind, Tally
from validator_svc.kernel.line_ends import count_line_ends
from validator_svc.turns import alone, next_turn

Read = Callable[[bytes, bool], Answer]
"""Answers the whole rows of a block, which may be the last."""

# A slice of rows holds the event loop, so that it goes on with others in between.
LEAST_SLICE = 1024
FIRST_SLICE = 4 * 1024
MOST_SLICE: dict[BodyKind, int] = {"text": 32 * 1024, "ndjson": 128 * 1024, "csv": 128 * 1024}
"""Bytes by what they hold: where more stands beside the number, as many make fewer records."""
OPEN_ROW = 32 * 1024
"""A row of CSV that goes on for longer is read from its start each time: the longer, the rarer."""
SLICE_GOAL_S = 0.005
LINE_END = re.compile(r"\r\n|\r|\n")


async def in_utf_8(pieces: AsyncIterator[bytes], charset: str) -> AsyncIterator[bytes]:
    """The body in UTF-8, without a byte order mark. Raises ApiError 415 for a charset that is not known."""
    codec = codec_of(charset)
    decoder = None if codec == "utf-8" else decoder_of(codec, "replace")
    start = b""
    is_begun = False
    async for piece in pieces:
        text = piece if decoder is None else decoder.decode(piece).encode("utf-8", "replace")
        if is_begun:
            yield text
            continue
        start += text
        if len(start) >= len(codecs.BOM_UTF8) or not codecs.BOM_UTF8.startswith(start):
            is_begun = True
            yield start.removeprefix(codecs.BOM_UTF8)
    if not is_begun:
        yield start
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


async def answered(blocks: AsyncIterator[bytes], read: Read, kind: BodyKind) -> AsyncGenerator[bytes, None]:
    """The records of a body's rows. Raises ApiError 422 naming the line for CSV that does not end.

    A line of text or NDJSON that is too long is cut: far over any number, it is answered for what was kept.
    """
    carried = b""
    is_csv = kind == "csv"
    lines_before = 0
    size, worth_reading = FIRST_SLICE, 0
    async for block in blocks:
        start, view = 0, memoryview(block)
        while start < len(block):
            began_s = time.perf_counter()
            rows = b"".join((carried, view[start : start + size]))
            start += size
            if is_csv and len(rows) < worth_reading:
                carried = rows
                continue
            is_long = is_csv and len(carried) > OPEN_ROW
            answer = await answer_to(rows, False, read, lines_before, is_long)
            lines_before += count_line_ends(rows, answer.consumed) if is_csv else 0
            carried = rows[answer.consumed :]
            if is_csv and len(carried) > MAX_ROW_CHARS:
                raise unclosed(lines_before + 1)
            is_open = not answer.consumed and len(carried) > OPEN_ROW
            worth_reading = len(carried) * 3 // 2 if is_open else 0
            if not is_csv:
                carried = beginning(carried, MAX_LINE)
            if answer.output:
                yield answer.output
            # While these records are held the next ones are written to other memory, which no cache has yet.
            del answer
            size = next_size(size, time.perf_counter() - began_s, MOST_SLICE[kind])
            await next_turn()
    is_long = is_csv and len(carried) > OPEN_ROW
    answer = await answer_to(carried, True, read, lines_before, is_long)
    if answer.output:
        yield answer.output
    if answer.consumed < len(carried):
        raise unclosed(lines_before + count_line_ends(carried, answer.consumed) + 1)


def beginning(text: bytes, size: int) -> bytes:
    """The first bytes of UTF-8, at most so many, no character cut in two."""
    while 0 < size < len(text) and text[size] & 0xC0 == 0x80:
        size -= 1
    return text[:size]


async def answer_to(rows: bytes, is_last: bool, read: Read, lines_before: int, is_long: bool) -> Answer:
    """The answer to one slice. Raises ApiError 422.

    With `is_long` in a thread: a row that goes on for long is no slice that could be halved.
    """
    try:
        return await alone(partial(read, rows, is_last)) if is_long else read(rows, is_last)
    except csv.Error:
        # A cell of more than a megabyte: a quote that goes on and on.
        raise unclosed(lines_before + 1) from None


def next_size(size: int, took_s: float, most: int) -> int:
    """How many bytes to take in the next slice so that it holds the loop for about the goal."""
    if took_s > SLICE_GOAL_S:
        return max(size // 2, LEAST_SLICE)
    return min(size * 2, most) if took_s < SLICE_GOAL_S / 4 else size


class CsvBody:
    """Reads a body of CSV, whose layout is found out from its first lines."""

    def __init__(self, kernel: Kernel, kind: Kind, column: str | None, tally: Tally) -> None:
        """`column`: the phone column, where it was named. `tally`: where the rows are counted."""
        self._kernel = kernel
        self._kind = kind
        self._column = column
        self._tally = tally
        self._layout: CsvLayout | None = None
        self._left_out = 0

    def read(self, block: bytes, is_last: bool) -> Answer:
        """The records of the rows that are whole. Raises ApiError 422."""
        if not block:
            return Answer(b"", 0, 0)
        layout = self._layout or self._layout_of(block, is_last)
        if layout is None:
            return Answer(b"", 0, 0)
        skipped = 0
        if self._left_out:
            size = size_of_rows(block + b"\n" if is_last else block, layout.delimiter, self._left_out)
            if size is None:
                return Answer(b"", 0, 0)
            skipped, self._left_out = min(size, len(block)), 0
        answer = self._kernel.csv(block[skipped:], self._kind, layout, self._tally, "ndjson", is_last)
        return answer._replace(consumed=answer.consumed + skipped) if skipped else answer

    def _layout_of(self, block: bytes, is_last: bool) -> CsvLayout | None:
        *lines, rest = LINE_END.split(block.decode("utf-8", "replace"))
        if is_last and rest:
            lines.append(rest)
        if not is_last and not is_enough(lines):
            return None
        layout = layout_of(lines, self._column, self._kind.region_code)
        self._left_out = layout.rows_before + layout.has_header
        self._layout = CsvLayout(layout.delimiter, layout.phone_column, max(len(layout.columns), 1))
        return self._layout
