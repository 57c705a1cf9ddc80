"""The formats in which results are written: one table for every place that writes some."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO, NamedTuple

from validator_svc.formats.layout import Layout
from validator_svc.formats.writers import CsvWriter, NdjsonWriter, ResultWriter
from validator_svc.formats.xlsx import XlsxWriter
from validator_svc.numbering.facts import RequestType


class OutputFormat(NamedTuple):
    """A format of results."""

    name: str
    """What `format` says; two have one name where the file that was read decides between them."""
    media_type: str
    endings: tuple[str, ...]
    """What names of such files end in; the first is what is given to results."""
    writer: Callable[[BinaryIO, Layout, RequestType], ResultWriter]
    has_cells: bool = True
    """Whether the file's own columns are in it."""
    comes_at_end: bool = False
    """Whether nothing of it is there before all is: it cannot follow a batch, or go on from an offset."""

    def of(self, layout: Layout) -> "OutputFormat":
        """The same for a file of this layout, whose delimiter CSV keeps."""
        if self.name != CSV.name or not layout.is_tab_separated:
            return self
        return self._replace(media_type=TSV.media_type, endings=TSV.endings)


NDJSON = OutputFormat("ndjson", "application/x-ndjson", (".ndjson", ".jsonl"), NdjsonWriter, has_cells=False)
CSV = OutputFormat("csv", "text/csv", (".csv",), CsvWriter)
EXCEL_CSV = CSV._replace(writer=partial(CsvWriter, for_excel=True))
TSV = OutputFormat("csv", "text/tab-separated-values", (".tsv", ".tab"), CsvWriter)
XLSX = OutputFormat(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    (".xlsx",),
    XlsxWriter,
    comes_at_end=True,
)

OUTPUT_FORMATS = (NDJSON, CSV, TSV, XLSX)
# TSV goes by the name of CSV: the file that was read decides between them.
BY_NAME = {each.name: each for each in OUTPUT_FORMATS if each is not TSV}
BY_ENDING = {ending: each for each in OUTPUT_FORMATS for ending in each.endings}
*FIRST, LAST = BY_NAME
NAMES = f"{', '.join(FIRST)} or {LAST}"


def in_dialect(output_format: OutputFormat, dialect: str) -> OutputFormat:
    """The format in that dialect, `default` or `excel`. Raises ValueError where it has none."""
    if dialect == "default":
        return output_format
    if output_format.name != CSV.name:
        raise ValueError("excel goes with format csv only")
    return EXCEL_CSV
