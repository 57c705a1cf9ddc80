"""Media types as people really send them (RFC 9110, 8.3)."""

from aiohttp import web

from validator_svc.http.errors import ApiError

# What a client says that was not told what it sends; the second is what curl says of any `--data-binary`.
SAYS_NOTHING = frozenset(
    {"", "application/octet-stream", "application/x-www-form-urlencoded", "binary/octet-stream"}
)


def media_type_of(request: web.Request) -> str:
    """The media type of a request's body in lower case; empty when it has none."""
    return essence(request.headers.get("Content-Type", ""))


def essence(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def unsupported(media_type: str, *expected: str) -> ApiError:
    """415 that says what to send."""
    got = f"{media_type[:60]} is none of what is taken here" if media_type else "expected one"
    return ApiError(
        415, "unsupported_media_type", f"Content-Type: {got}; send Content-Type: {', or '.join(expected)}"
    )
