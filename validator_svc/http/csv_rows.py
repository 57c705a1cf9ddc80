"""The phone column of a CSV body that is still being sent."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from validator_svc.formats.column_names import is_phone_name
from validator_svc.formats.errors import UnreadableFileError
from validator_svc.formats.layout import Hints, Layout, find_layout
from validator_svc.formats.number_like import looks_like_number
from validator_svc.formats.sample import SampledFile
from validator_svc.http.errors import ApiError

# The layout is decided with the line after the header, or the second one of numbers, or after so many lines:
# nobody who sends slowly shall wait for a large sample.
MOST_HELD = 20
MAX_ROW_CHARS = 1024 * 1024
CELL = re.compile(r"[^,;\t|]+")


async def blocks_of_cells(
    blocks: AsyncIterator[list[str]], column: str | None, region_code: str | None
) -> AsyncIterator[list[str]]:
    """The phone cells of a CSV body, given its lines; a header and nothing else has none.

    Delimiter, header and, unless `column` names it, the phone column are found out from the first
    lines, up to a number, or whatever came with them. Raises ApiError 422 naming the line.
    """
    held: list[str] = []
    rows: CsvRows | None = None
    async for lines in blocks:
        held += lines
        if rows is None and is_enough(held):
            rows = CsvRows(layout_of(held, column, region_code))
        if rows is not None:
            yield rows.feed(held)
            held = []
    if rows is None and held:
        rows = CsvRows(layout_of(held, column, region_code))
        yield rows.feed(held)
    if rows is not None:
        yield rows.last()


def is_enough(lines: Sequence[str]) -> bool:
    """Whether these lines, titles and header among them, go on to the rows."""
    if len(lines) >= MOST_HELD:
        return True
    *before, last = [CELL.findall(line) for line in lines if line.strip()] or [[]]
    has_header = any(is_phone_name(cell) for cells in before for cell in cells)
    return bool(before) and (
        has_header or any(looks_like_number(c) for cells in [*before, last] for c in cells)
    )


def layout_of(lines: Sequence[str], column: str | None, region_code: str | None) -> Layout:
    """How to read the CSV. Raises ApiError 422."""
    sample = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    try:
        return find_layout(
            SampledFile(io.BytesIO(sample)), Hints("body.csv", column, region_code, encoding="utf-8")
        )
    except UnreadableFileError as error:
        raise ApiError(422, "unreadable_body", f"body: {error}") from None


class CsvRows:
    """Reads CSV (RFC 4180) as its lines come; a row may go on over several."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.left_out = layout.rows_before + layout.has_header
        self.open_row: list[str] = []
        self.line_number = 1

    def feed(self, lines: Sequence[str]) -> list[str]:
        """The phone cells of the rows that these lines complete."""
        held = [*self.open_row, *(f"{line}\n" for line in lines)]
        supply = Supply(held)
        reader = csv.reader(supply, delimiter=self.layout.delimiter)
        cells: list[str] = []
        taken = 0
        try:
            for row in reader:
                if supply.is_used_up:
                    break
                cells.append(self._cell(row))
                taken = reader.line_num
        except csv.Error:
            # A cell of more than 128 kB: a quote that goes on and on.
            self.line_number += taken
            raise self._unclosed() from None
        self.open_row = held[taken:]
        self.line_number += taken
        if sum(map(len, self.open_row)) > MAX_ROW_CHARS:
            raise self._unclosed()
        return self._without_header(cells)

    def last(self) -> list[str]:
        """The phone cells of what is left at the end: nothing, unless a quote was never closed."""
        if self.open_row:
            raise self._unclosed()
        return []

    def _cell(self, row: Sequence[str]) -> str:
        column = self.layout.phone_column
        return row[column] if column < len(row) else ""

    def _without_header(self, cells: list[str]) -> list[str]:
        left_out = min(self.left_out, len(cells))
        self.left_out -= left_out
        return cells[left_out:]

    def _unclosed(self) -> ApiError:
        return unclosed(self.line_number)


def unclosed(line_number: int) -> ApiError:
    """422 for a row that begins on a line and never ends."""
    message = f"body: line {line_number}: a cell opened with a quote is never closed"
    return ApiError(422, "unreadable_body", message)


class Supply:
    """Lines for a csv reader; knows when it was asked for one too many, that is: inside an open row."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = iter(lines)
        self.is_used_up = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            return line
        self.is_used_up = True
        raise StopIteration
