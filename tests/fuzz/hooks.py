"""Bodies of media types that schemathesis cannot write by itself: texts as they are, all else as JSON."""

import json
from typing import Any

import schemathesis

TYPES = (
    "application/x-ndjson",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "text/tab-separated-values",
)


def written(context: Any, value: Any) -> bytes:
    """The body as bytes."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")


schemathesis.serializer(*TYPES)(written)
