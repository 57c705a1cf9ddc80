"""Media types as people really send them (RFC 9110, 8.3)."""

from validator_svc.formats import input_formats
from validator_svc.formats.text_formats import CSV, NDJSON, TSV
from validator_svc.http.errors import ApiError
from validator_svc.http.names import shown
from validator_svc.http.plain import Head

# What a client says that was not told what it sends; the second is what curl says of any `--data-binary`.
SAYS_NOTHING = frozenset(
    {"", "application/x-www-form-urlencoded", "application/octet-stream", "binary/octet-stream"}
)
JSON_TYPES = input_formats.JSON.media_types
CSV_TYPES, TSV_TYPES, NDJSON_TYPES = CSV.media_types, TSV.media_types, NDJSON.media_types
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
# Of a media type in a message: the longest known is shorter.
SHOWN = 80
# Files of these tell by their content what they are, as do those of some `input_formats`.
OPEN_TYPES = SAYS_NOTHING | PACKED_TYPES


def media_type_of(request: Head) -> str:
    """The media type of a request's body in lower case; empty when it has none."""
    return essence(request.headers.get("Content-Type", ""))


def essence(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def charset_said(content_type: str) -> str:
    """The `charset` of a media type in lower case; empty when it has none.

    Those of its parameters that cannot be read, as RFC 2231 would have them, are none of ours.
    """
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').strip().lower()
    return ""


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 8259, RFC 6839)."""
    return media_type in JSON_TYPES or media_type.endswith("+json")


def unsupported(media_type: str, *expected: str) -> ApiError:
    """415 that says what to send."""
    got = f"cannot use {shown(media_type, SHOWN)}" if media_type else "none was given"
    return ApiError(
        415, "unsupported_media_type", f"Content-Type: {got}; send Content-Type: {', or '.join(expected)}"
    )
