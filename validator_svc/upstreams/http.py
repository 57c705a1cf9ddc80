"""HTTP as all suppliers speak it: one request, its bounded reply, and what its failure means.

A request for numbers that was sent may have been billed even if no answer came. It is safe to repeat only
when it was turned away for its rate (429), or with a 503 that says when to come back, or never reached
the supplier.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson

from validator_svc.outgoing import SlicedConnector
from validator_svc.upstreams.errors import (
    MalformedReplyError,
    NoFundsError,
    NotProcessedError,
    RefusedError,
    TimedOutError,
    UnacceptedError,
    UnavailableError,
    UnknownRouteError,
    UpstreamError,
)
from validator_svc.upstreams.rate_limit import retry_after_s, sent_now

# Far above any real answer (under 1 kB a number): what is longer is not read.
MAX_REPLY_BYTES = 4 * 1024 * 1024


class HttpClient:
    """Sends requests with an account's headers, over one pool of connections."""

    def __init__(self, session: aiohttp.ClientSession, headers: Mapping[str, str], timeout_s: float) -> None:
        self.session = session
        self.headers = {"Accept": "application/json", **headers}
        self.timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def request(self, method: str, url: str, payload: object = None) -> dict[str, Any]:
        """Send one request, `payload` as JSON; returns the JSON object that came. Raises UpstreamError."""
        body = None if payload is None else orjson.dumps(payload)
        headers = self.headers if body is None else self.headers | {"Content-Type": "application/json"}
        try:
            async with self.session.request(
                method, url, data=body, headers=headers, timeout=self.timeout, allow_redirects=False
            ) as response:
                if response.status in (200, 201):
                    return json_object(await bounded_body(response))
                raise error_of(response)
        except aiohttp.ClientConnectorError as error:
            raise NotProcessedError(f"not reached: {type(error).__name__}") from None
        except TimeoutError:
            raise TimedOutError("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamError(f"the connection broke: {type(error).__name__}") from None


@contextlib.asynccontextmanager
async def client(headers: Mapping[str, str], timeout_s: float, concurrency: int) -> AsyncIterator[HttpClient]:
    """A client with a pool of connections of its own."""
    # Polls go beside the requests that started their jobs, so connections are not what bounds them.
    connector = SlicedConnector(limit=concurrency * 2)
    async with aiohttp.ClientSession(
        connector=connector, auto_decompress=True, trace_configs=[told_when_sent()]
    ) as session:
        # aiohttp sends a GET whose connection broke a second time by itself, and has no other switch for it;
        # the first one may have been billed.
        session._retry_connection = False
        yield HttpClient(session, headers, timeout_s)


def told_when_sent() -> aiohttp.TraceConfig:
    """Has the rate limit told of each request directly before it is written to its connection."""

    async def headers_sent(*given: Any) -> None:
        # aiohttp holds headers back until it writes the first of a body with them.
        if given[-1].method == "GET":
            sent_now()

    async def chunk_sent(*_: object) -> None:
        sent_now()

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(headers_sent)
    trace.on_request_chunk_sent.append(chunk_sent)
    return trace


def error_of(response: aiohttp.ClientResponse) -> UpstreamError:
    """What a status other than success means. The upstream's own words stay out: they may hold numbers."""
    status = response.status
    if status in (401, 403):
        return RefusedError(f"the upstream refuses the key with {status}")
    if status == 402:
        return NoFundsError("the upstream account has no funds")
    if status == 404:
        return UnknownRouteError("the upstream answers 404")
    told_s = retry_after_s(response.headers.get("Retry-After"))
    if status == 429 or (status == 503 and told_s is not None):
        return NotProcessedError(f"the upstream answers {status}", told_s)
    if status == 503:
        return UnavailableError("the upstream answers 503")
    if 400 <= status < 500:
        return UnacceptedError(f"the upstream answers {status}")
    return UpstreamError(f"the upstream answers {status}")


async def bounded_body(response: aiohttp.ClientResponse) -> bytes:
    """The body. Raises MalformedReplyError for one that is far longer than any answer."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > MAX_REPLY_BYTES:
            raise MalformedReplyError(f"the reply is over {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def json_object(body: bytes) -> dict[str, Any]:
    """A body as a JSON object. Raises MalformedReplyError."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedReplyError("expected JSON") from None
    if not isinstance(document, dict):
        raise MalformedReplyError("expected a JSON object")
    return document
