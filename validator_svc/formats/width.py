"""How wide tables may be: cells that are not there are written all the same, and would fill all memory."""

from validator_svc.formats.errors import UnreadableFileError

MAX_COLUMNS = 16_384
"""What the setting may be at most: the columns of a sheet."""
MOST_COLUMNS = 4_096
"""Columns of a file, unless a setting says otherwise."""
# Rows that are far shorter than the header: what is filled up may be so many cells for each byte that came.
LEAST_CELLS, CELLS_A_BYTE = 1_000_000, 64
# Of wide tables fewer rows are held at once.
MOST_CELLS_HELD = 2_000_000
LEAST_ROWS_HELD = 20


def check_columns(columns: int, most_columns: int, line_number: int | None = 1) -> None:
    """Raise UnreadableFileError for a table of too many columns."""
    if columns > most_columns:
        raise UnreadableFileError(
            f"there are over {most_columns:,} columns; expected at most that many (VALIDATOR_COLUMNS_MAX)",
            line_number,
        )


def check_sparse(rows: int, columns: int, size: int, line_number: int | None = None) -> None:
    """Raise UnreadableFileError for rows that are next to nothing beside the columns of their table.

    `size`: bytes, or characters, of these rows. `line_number`: where they begin.
    """
    if rows * columns > LEAST_CELLS + CELLS_A_BYTE * size:
        raise UnreadableFileError(
            f"the rows are far shorter than the table is wide: {rows:,} rows of {columns:,} columns in"
            f" {size:,} bytes; expected a header of as many columns as the rows have",
            line_number,
        )


def rows_held(columns: int) -> int:
    """How many rows of a table of so many columns may be held at once."""
    return max(LEAST_ROWS_HELD, MOST_CELLS_HELD // max(1, columns))
