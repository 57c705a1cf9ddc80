"""Sending a body whose end is not known yet."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

NDJSON = "application/x-ndjson"
JSON = "application/json"
CSV = "text/csv"


async def send(
    request: web.Request,
    content_type: str,
    parts: AsyncIterator[bytes],
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Stream `parts` as they come; a reader that is slow slows their making.

    The status goes out with the first part, so that what fails before it has its own.
    """
    response = web.StreamResponse(headers={"Content-Type": content_type, **(headers or {})})
    async for part in parts:
        if not response.prepared:
            await response.prepare(request)
        await response.write(part)
    if not response.prepared:
        await response.prepare(request)
    await response.write_eof()
    return response
