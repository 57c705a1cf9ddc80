"""What `check` says of how it read a file, so that a wrong guess shows."""

import shlex

from validator_svc.formats.layout import Layout

NATIONAL_HINT = (
    "         numbers as people dial them at home need their country: --country ID reads all in one"
)


def described(layout: Layout) -> str:
    """What was found out about the file, so that a wrong guess shows."""
    if layout.separator is not None:
        return f"text, numbers on one line with {layout.separator!r} between, {layout.encoding}"
    if layout.format == "text":
        return f"text, a number a line, {layout.encoding}"
    if layout.format == "ndjson":
        kind = "a JSON array" if layout.container == "json" else f"NDJSON, {layout.encoding}"
        return f"{kind}, numbers under {layout.phone_key!r}"
    header = "with header" if layout.has_header else "without header"
    if layout.rows_before:
        header += f" after {layout.rows_before} rows that are left out"
    column = layout.columns[layout.phone_column][:40]
    if layout.container is not None:
        sheet = "" if layout.sheet is None else f"sheet {layout.sheet!r} "
        return f"{layout.container.upper()}, {sheet}{header}, numbers in {column!r}"
    return f"CSV {header}, {layout.encoding}, delimiter {layout.delimiter!r}, numbers in {column!r}"


def country_hint(column: str) -> str:
    """How to have each number read in the country that its row names."""
    return (
        f"         the column {column[:40]!r} looks like countries: "
        f"--country {shlex.quote(f'column:{column[:40]}')} reads each row in its own;"
        " --country ID reads all in one"
    )
