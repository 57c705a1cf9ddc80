"""Numbers as a table on a terminal, a line each."""

from collections.abc import Mapping, Sequence

from validator_svc.record.meanings import Value

# A usual row fits on 80 columns.
COLUMNS = ("number", "valid", "type or reason", "country", "carrier", "E.164")
# Columns that are not broken over lines: numbers as they were sent, and names of carriers, are.
UNBROKEN = (1, 2, 3, 5)


def show_table(records: Sequence[Mapping[str, Value]]) -> None:
    """Print records on standard output; in colour on a terminal that has some, unless NO_COLOR is set."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [cells_of(record) for record in records]
    table = Table(*COLUMNS, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at in UNBROKEN:
        table.columns[at].no_wrap = True
    for record, row in zip(records, rows, strict=True):
        cells = [Text(cell, overflow="fold") for cell in row]
        cells[1].stylize("green" if record["is_valid"] else "red")
        table.add_row(*cells)
    Console(highlight=False).print(table)


def cells_of(record: Mapping[str, Value]) -> list[str]:
    """The columns of a record."""
    fields = ("phone_number", "is_valid", kind_of(record), "country_code", "carrier_name", "e164_format")
    return [shown(record.get(field)) for field in fields]


def kind_of(record: Mapping[str, Value]) -> str:
    """The field that says what a number is, or why it is none."""
    return "phone_type" if record["is_valid"] else "reason"


def shown(value: Value) -> str:
    """A value for people, on one line whatever was sent."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(each if each.isprintable() else " " for each in value)
