"""The rows of a file of numbers, a block at a time, in bounded memory."""

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO, NamedTuple

from validator_svc.formats.clean_csv import joined_rows, well_formed, written_rows
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints, Layout, find_layout
from validator_svc.formats.lines import MAX_LINE, blocks_of_lines, blocks_of_raw_lines
from validator_svc.formats.ndjson import cells_of
from validator_svc.formats.one_line import numbers_on
from validator_svc.formats.sample import SampledFile
from validator_svc.formats.width import check_sparse
from validator_svc.kernel.ndjson_line import text_of

# Blocks that one row may go on over, through line breaks in its cells, before it is called broken.
MAX_ROW_BLOCKS = 64


Through = Callable[[Iterator[bytes]], Iterator[bytes]]
"""Lets blocks through; may count them, or raise."""


def unchanged(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks themselves."""
    return blocks


class RowBlock(NamedTuple):
    """The rows of a block, taken apart."""

    texts: list[str | None]
    """The number of each row as it came, well-formed Unicode; None for a line that cannot be read."""
    cells: list[list[str]] | None
    """The cells of each row as they came, however many; None for text, which has only the number,
    and where they were not asked for.

    Bytes that were not UTF-8 in a UTF-8 file are in here as lone surrogates (PEP 383).
    """

    def clean_csv(self, delimiter: str) -> bytes | None:
        """The cells as clean CSV, see `clean_csv`; None where there are none."""
        return None if self.cells is None else joined_rows(written_rows(self.cells, delimiter))


class NumberFile:
    """A file of numbers as text, opened: its layout is known, its rows can be read once.

    See `contents.open_numbers` for files of every kind. The file is read from its current position;
    it need not be seekable, and it is not closed. What is read goes `through`, block by block.
    Everything here blocks: in an asyncio program it belongs in a thread. Raises UnreadableFileError,
    see `find_layout`.
    """

    def __init__(
        self,
        file: BinaryIO | SampledFile,
        hints: Hints = Hints(),  # noqa: B008
        through: Through = unchanged,
    ) -> None:
        self._file = file if isinstance(file, SampledFile) else SampledFile(file)
        self._through = through
        self.layout = find_layout(self._file, hints)

    @property
    def sample(self) -> bytes:
        """The beginning of the file."""
        return self._file.sample

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the file, instead of its rows. To be called once."""
        return self._through(self._file.blocks())

    def row_blocks(self, with_cells: bool = True) -> Iterator[RowBlock]:
        """All rows in order, a blank line being one too. To be called once.

        Without cells a block has only the numbers, which for NDJSON is twice as fast.
        Raises UnreadableFileError, naming the line, for a line or cell over `lines.MAX_LINE` characters
        and for a quoted cell that is never closed.
        """
        return row_blocks_of(self.blocks(), self.layout, with_cells)


def row_blocks_of(blocks: Iterator[bytes], layout: Layout, with_cells: bool) -> Iterator[RowBlock]:
    """The rows in the bytes of a file of this layout."""
    if layout.format == "csv":
        return CsvRows(blocks, layout).row_blocks(with_cells)
    if layout.format == "ndjson":
        return ndjson_rows(blocks, layout, with_cells)
    return text_rows(blocks, layout)


def text_rows(blocks: Iterator[bytes], layout: Layout) -> Iterator[RowBlock]:
    """A number a line, or all on one line with a separator."""
    for lines in blocks_of_lines(blocks, layout.encoding):
        if layout.separator is not None:
            lines = [number for line in lines for number in numbers_on(line, layout.separator)]
        yield RowBlock([*lines], None)


def ndjson_rows(blocks: Iterator[bytes], layout: Layout, with_cells: bool) -> Iterator[RowBlock]:
    """A JSON value a line; a blank line is an empty number."""
    next_line = 1
    for lines in blocks_of_lines(blocks, layout.encoding):
        texts = [text_of(line, layout.phone_key) for line in lines]
        cells = cells_of_lines(lines, next_line, layout) if with_cells else None
        yield RowBlock(texts, cells)
        next_line += len(texts)


def cells_of_lines(lines: Sequence[str], first_line: int, layout: Layout) -> list[list[str]]:
    """Each line as cells. Raises UnreadableFileError, see `check_sparse`."""
    check_sparse(len(lines), len(layout.columns), sum(map(len, lines)), first_line)
    columns = dict.fromkeys(layout.columns, "")
    return [cells_of(line, columns, layout.phone_key) for line in lines]


class CsvRows:
    """Reads CSV (RFC 4180, any delimiter); a block of rows is what the last block of bytes completed."""

    def __init__(self, blocks: Iterator[bytes], layout: Layout, first_line: int = 1) -> None:
        self._layout = layout
        self._blocks = blocks
        self._lines_before = first_line - 1
        self._row_line = first_line
        self._blocks_of_row = 0
        self._block_is_new = False
        self._has_ended = False

    def row_blocks(self, with_cells: bool) -> Iterator[RowBlock]:
        """See `NumberFile.row_blocks`; neither the header nor what stands before it is among the rows."""
        lines = chain.from_iterable(self._line_blocks())
        reader = csv.reader(lines, delimiter=self._layout.delimiter)
        rows: list[list[str]] = []
        first_line = self._row_line
        left_out = self._layout.rows_before + self._layout.has_header
        try:
            for row in reader:
                if self._has_ended:
                    raise UnreadableFileError("a cell opened with a quote is never closed", self._row_line)
                if left_out:
                    left_out -= 1
                else:
                    first_line = first_line if rows else self._row_line
                    rows.append(row)
                self._row_line = self._lines_before + reader.line_num + 1
                if self._block_is_new:
                    self._block_is_new = False
                    self._blocks_of_row = 0
                    if rows:
                        yield self._row_block(rows, first_line, with_cells)
                    rows = []
        except csv.Error:
            raise too_long(self._row_line) from None
        if rows:
            yield self._row_block(rows, first_line, with_cells)

    def _line_blocks(self) -> Iterator[list[str]]:
        for lines in blocks_of_raw_lines(self._blocks, self._layout.encoding):
            self._block_is_new = True
            self._blocks_of_row += 1
            if self._blocks_of_row > MAX_ROW_BLOCKS:
                raise too_long(self._row_line)
            yield lines
        self._has_ended = True

    def _row_block(self, rows: list[list[str]], first_line: int, with_cells: bool) -> RowBlock:
        if with_cells:
            size = sum(len(cell) + 1 for row in rows for cell in row or [""])
            check_sparse(len(rows), len(self._layout.columns), size, first_line)
        column = self._layout.phone_column
        texts = [row[column] if column < len(row) else "" for row in rows]
        texts = [text if text.isascii() else well_formed(text) for text in texts]
        return RowBlock([*texts], rows if with_cells else None)


def too_long(line_number: int) -> UnreadableFileError:
    """The error for a row that does not end: most often a quote was opened by mistake."""
    return UnreadableFileError(
        f"a cell of this row is over {MAX_LINE:,} characters long, or the row does not end;"
        " is a quote left open?",
        line_number,
    )
