"""Sending a body whose end is not known yet."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

NDJSON = "application/x-ndjson"
JSON = "application/json"
CSV = "text/csv"
WRITE_BYTES = 64 * 1024


async def send(
    request: web.Request,
    content_type: str,
    parts: AsyncIterator[bytes],
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Stream `parts` as they come; a reader that is slow slows their making.

    The status goes out with the first part, so that what fails before it has its own. HEAD is
    answered by then.
    """
    response = web.StreamResponse(headers={"Content-Type": content_type, **(headers or {})})
    async for part in parts:
        if not response.prepared:
            await response.prepare(request)
        if request.method == "HEAD":
            break
        # What is written goes into a buffer as a whole, and is waited for only afterwards.
        for start in range(0, len(part), WRITE_BYTES):
            await response.write(part[start : start + WRITE_BYTES])
    if not response.prepared:
        await response.prepare(request)
    await response.write_eof()
    return response
