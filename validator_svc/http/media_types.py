"""Media types as people really send them (RFC 9110, 8.3)."""

from aiohttp import web

from validator_svc.http.errors import ApiError

# What a client says that was not told what it sends; the second is what curl says of any `--data-binary`.
SAYS_NOTHING = frozenset(
    {"", "application/x-www-form-urlencoded", "application/octet-stream", "binary/octet-stream"}
)
JSON_TYPES = frozenset({"application/json", "text/json", "text/x-json", "application/x-json"})
NDJSON_TYPES = frozenset(
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
)
CSV_TYPES = frozenset(
    {
        "text/csv",
        "application/csv",
        "application/x-csv",
        "text/x-csv",
        "text/comma-separated-values",
        "text/x-comma-separated-values",
        "application/vnd.msexcel",
    }
)
TSV_TYPES = frozenset(
    {"text/tab-separated-values", "text/x-tab-separated-values", "text/tsv", "text/x-tsv", "application/tsv"}
)
# Of which Windows has one for files of CSV too, where Excel is installed; the content tells.
WORKBOOK_TYPES = frozenset(
    {
        "application/vnd.ms-excel",
        "application/msexcel",
        "application/x-msexcel",
        "application/x-excel",
        "application/excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel.sheet.macroenabled.12",
    }
)
PACKED_TYPES = frozenset(
    {
        "application/gzip",
        "application/x-gzip",
        "application/zstd",
        "application/zip",
        "application/x-zip-compressed",
    }
)
TEXT_TYPE = "text/plain"
# Files of these tell by their content what they are.
OPEN_TYPES = SAYS_NOTHING | JSON_TYPES | WORKBOOK_TYPES | PACKED_TYPES | {TEXT_TYPE}


def media_type_of(request: web.Request) -> str:
    """The media type of a request's body in lower case; empty when it has none."""
    return essence(request.headers.get("Content-Type", ""))


def essence(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 8259, RFC 6839)."""
    return media_type in JSON_TYPES or media_type.endswith("+json")


def unsupported(media_type: str, *expected: str) -> ApiError:
    """415 that says what to send."""
    got = f"cannot use {media_type[:60]}" if media_type else "none was given"
    return ApiError(
        415, "unsupported_media_type", f"Content-Type: {got}; send Content-Type: {', or '.join(expected)}"
    )
