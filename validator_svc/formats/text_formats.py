"""The formats of text that the kernel reads; see `input_formats` for all formats."""

from typing import Literal, NamedTuple

Format = Literal["csv", "ndjson", "text"]
"""How the rows of a text are made up."""


class TextFormat(NamedTuple):
    """A format of text."""

    name: Format
    endings: tuple[str, ...]
    media_types: frozenset[str]
    is_told: bool = True
    """Whether a file is of it that has the ending or the media type; else its content tells."""


CSV = TextFormat(
    "csv",
    (".csv",),
    frozenset(
        {
            "text/csv",
            "application/csv",
            "application/x-csv",
            "text/x-csv",
            "text/comma-separated-values",
            "text/x-comma-separated-values",
            "application/vnd.msexcel",
        }
    ),
)
TSV = TextFormat(
    "csv",
    (".tsv", ".tab"),
    frozenset(
        {
            "text/tab-separated-values",
            "text/x-tab-separated-values",
            "text/tsv",
            "text/x-tsv",
            "application/tsv",
        }
    ),
)
NDJSON = TextFormat(
    "ndjson",
    (".ndjson", ".jsonl"),
    frozenset(
        {
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonl",
            "application/x-jsonlines",
            "application/jsonlines",
            "application/json-lines",
            "application/json-seq",
            "application/x-json-stream",
            "text/x-ndjson",
            "text/ndjson",
            "text/jsonl",
        }
    ),
)
# Under this name comes whatever is text.
TEXT = TextFormat("text", (".txt",), frozenset({"text/plain"}), is_told=False)

FORMAT_BY_ENDING: dict[str, Format] = {
    ending: each.name for each in (CSV, TSV, NDJSON) for ending in each.endings
}
