"""Cutting a CSV file into segments of clean CSV (see `clean_csv`), as a rule without parsing it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter

from validator_svc.formats.clean_csv import QUOTE
from validator_svc.formats.layout import Layout
from validator_svc.formats.lines import MAX_LINE, in_utf_8
from validator_svc.formats.rows import CsvRows
from validator_svc.formats.sample import BLOCK_BYTES
from validator_svc.formats.segmenter import Segment, segments_of
from validator_svc.formats.width import check_sparse
from validator_svc.kernel.line_ends import count_line_ends

LAST_BYTE = itemgetter(slice(-1, None))


class NotCleanError(Exception):
    """CSV that cannot be cut without parsing it."""


def csv_segments(blocks: Iterable[bytes], layout: Layout, segment_rows: int) -> Iterator[Segment]:
    """The rows of a CSV file in segments of `segment_rows`, the last one perhaps shorter.

    From the first block on that is not clean all is parsed and written anew, cell for cell the same.
    Raises UnreadableFileError as `NumberFile.row_blocks` does.
    """
    rest = in_utf_8(blocks, layout.encoding)
    cutter = Cutter(layout, segment_rows)
    try:
        for data in rest:
            yield from cutter.cut(data)
        yield from cutter.end()
    except NotCleanError:
        layout = layout._replace(encoding="utf-8", rows_before=cutter.left_out, has_header=False)
        reader = CsvRows(chain(cutter.left(), rest), layout, cutter.lines_cut + 1)
        for segment in segments_of(reader.row_blocks(with_cells=True), segment_rows, layout.delimiter):
            yield segment._replace(texts=None)


class Cutter:
    """Cuts a file where its rows end, for as long as it is clean."""

    def __init__(self, layout: Layout, segment_rows: int) -> None:
        self.left_out = layout.rows_before + layout.has_header
        """Rows that are still to come before those of the first segment: titles, header."""
        self.lines_cut = 0
        """Lines of the file in what was cut off."""
        self._segment_rows = segment_rows
        self._delimiter = layout.delimiter.encode()
        self._columns = len(layout.columns)
        self._held: list[bytes] = []
        self._rows_held = 0
        self._open_bytes = 0
        self._carried = b""
        self._last_byte = b"\n"
        self._in_quotes = False

    def cut(self, data: bytes) -> list[Segment]:
        """The segments that this block completes. Raises NotCleanError; then it is in what is left."""
        data = self._carried + data
        # Whether a CR is one of a CRLF shows only with what follows.
        self._carried = b"\r" if data.endswith(b"\r") else b""
        data = data.removesuffix(b"\r")
        block = Block(data, self._in_quotes)
        self._open_bytes = block.bytes_after_rows() + (0 if block.rows else self._open_bytes)
        if self._open_bytes > MAX_LINE - BLOCK_BYTES or not block.is_clean(self._last_byte, self._delimiter):
            self._held.append(data)
            raise NotCleanError
        segments = self._segments(block, data)
        self._in_quotes = block.ends_in_quotes
        self._last_byte = data[-1:] or self._last_byte
        return segments

    def end(self) -> list[Segment]:
        """The segment that the end of the file completes, if any. Raises NotCleanError."""
        if self._in_quotes or self._carried:
            raise NotCleanError
        self._rows_held += self._open_bytes > 0
        return self._cut_off(b"") if self._rows_held else []

    def left(self) -> Iterator[bytes]:
        """What was not cut off, in blocks."""
        left = b"".join([*self._held, self._carried])
        for start in range(0, len(left), BLOCK_BYTES):
            yield left[start : start + BLOCK_BYTES]

    def _segments(self, block: "Block", data: bytes) -> list[Segment]:
        segments: list[Segment] = []
        start = rows = 0
        while (missing := self._wanted() - self._rows_held) <= block.rows - rows:
            rows += missing
            end = block.end_of_row(rows)
            self._rows_held += missing
            segments += self._cut_off(data[start:end])
            start = end
        self._held.append(data[start:])
        self._rows_held += block.rows - rows
        return segments

    def _wanted(self) -> int:
        return self.left_out or self._segment_rows

    def _cut_off(self, tail: bytes) -> list[Segment]:
        data = b"".join([*self._held, tail])
        segment = Segment(self._rows_held, None, data)
        if not self.left_out:
            check_sparse(segment.rows, self._columns, len(data), self.lines_cut + 1)
        self.lines_cut += count_line_ends(data)
        self._held.clear()
        self._rows_held = 0
        was_left_out, self.left_out = self.left_out, 0
        return [] if was_left_out else [segment]


class Block:
    """A block of CSV; counting quotes tells what is inside of them and what is plain."""

    def __init__(self, data: bytes, begins_in_quotes: bool) -> None:
        parts = data.split(QUOTE)
        self.ends_in_quotes = begins_in_quotes == (len(parts) % 2 == 1)
        self._bytes = len(data)
        self._lead = len(parts[0]) + 1 if begins_in_quotes else 0
        self._outside = parts[begins_in_quotes::2]
        self._inside = parts[begins_in_quotes + 1 :: 2]
        self._plain = QUOTE.join(self._outside)
        self.rows = self._plain.count(b"\n")
        """Rows that end here."""

    def is_clean(self, byte_before: bytes, delimiter: bytes) -> bool:
        """Whether counting quotes is right: the csv module takes one in the middle of a cell as it is."""
        openings = self._outside if self.ends_in_quotes else self._outside[:-1]
        before = set(map(LAST_BYTE, openings))
        if not self._lead and openings and not openings[0]:
            before.add(byte_before)
        # Nothing before it: it comes after another quote, and both stand for one in the cell.
        return before <= {b"", QUOTE, b"\n", delimiter} and not lone_returns(self._plain)

    def end_of_row(self, rows: int) -> int:
        """Where the first so many rows end."""
        return self._place(len(self._plain) - len(self._plain.split(b"\n", rows)[-1]))

    def bytes_after_rows(self) -> int:
        """How many bytes there are after the last row that ends here."""
        return self._bytes - (self._place(self._plain.rfind(b"\n") + 1) if self.rows else 0)

    def _place(self, plain_place: int) -> int:
        quoted = self._plain.count(QUOTE, 0, plain_place)
        return self._lead + plain_place + quoted + sum(map(len, self._inside[:quoted]))


def lone_returns(data: bytes) -> int:
    """How often a CR is not one of a CRLF."""
    # Looking for one byte takes a tenth of the time that counting two takes.
    return data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0
