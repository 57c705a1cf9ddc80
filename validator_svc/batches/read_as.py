"""How a file was read, for its owner to see: a wrong guess shows before anything is done with the results."""

from validator_svc.batches.spec import Order
from validator_svc.formats.clean_csv import well_formed
from validator_svc.formats.layout import Layout


def read_as(layout: Layout, order: Order) -> dict[str, object]:
    """What was found out about a file; None stands for what does not apply.

    `format` is the name of one of `input_formats`. `column` is the phone column's name, or its
    number from 1 where there are no names; of NDJSON and JSON the key. `country` is what was asked for.
    """
    is_csv = layout.format == "csv"
    # What text was made from has no delimiter of its own, and a table no encoding either.
    is_made = is_csv and layout.container is not None
    delimiter = layout.delimiter if is_csv and not is_made else layout.separator
    country = order.region_code if order.region_column is None else f"column:{order.region_column}"
    return {
        "format": layout.container or layout.format,
        "encoding": None if is_made else layout.encoding.removesuffix("-sig"),
        "delimiter": delimiter,
        "header": layout.has_header if is_csv else None,
        "column": column_of(layout),
        "sheet": layout.sheet,
        "country": country,
    }


def column_of(layout: Layout) -> str | None:
    """The phone column's name or number, or the key; None where a line has only the number."""
    if layout.format == "csv":
        name = layout.columns[layout.phone_column] if layout.has_header else str(layout.phone_column + 1)
        return well_formed(name)
    return layout.phone_key if layout.format == "ndjson" and layout.columns else None
