"""The upstream: a client of the Wavix Number Validator API.

It speaks HTTP and knows what may be repeated; when, how often and for whom is decided elsewhere.
A request for numbers that was sent may have been billed even if no answer came, so it may be repeated
only when it was turned away for its rate (429), or with a 503 that says when to come back, or never
reached the upstream. Requests for the result of a job costs nothing and may be repeated freely.
"""

from collections.abc import Sequence

import aiohttp
import orjson

from validator_svc.numbering.facts import RequestType
from validator_svc.upstreams.errors import (
    LostJobError,
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
from validator_svc.upstreams.rate_limit import RateLimit, retry_after_s
from validator_svc.upstreams.wavix.mapping import Reply, read_job_id, read_reply

MAX_NUMBERS = 1_000
# Far above any real answer (under 1 kB a number): what is longer is not read.
MAX_REPLY_BYTES = 4 * 1024 * 1024


class WavixClient:
    """One account at the upstream, over one pool of connections.

    All methods take numbers as digits of E.164, at most 1,000, and raise `UpstreamError`.
    Each sends one request. Whoever calls has waited for a turn with `rate_limit`.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: str, key: str, timeout_s: float, rate_limit: RateLimit
    ) -> None:
        self.session = session
        self.url = f"{url.rstrip('/')}/v1/validation"
        self.headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self.timeout = aiohttp.ClientTimeout(total=timeout_s)
        self.rate_limit = rate_limit

    async def look_up(self, request_type: RequestType, numbers: Sequence[str]) -> Reply:
        """Ask for numbers and wait for the answer."""
        return read_reply(await self._submit(request_type, numbers, run_async=False), numbers)

    async def start_job(self, request_type: RequestType, numbers: Sequence[str]) -> str:
        """Have numbers looked up in the background; returns the job's id."""
        return read_job_id(await self._submit(request_type, numbers, run_async=True))

    async def poll(self, job_id: str, numbers: Sequence[str]) -> Reply:
        """What a job has found so far; asking again is always safe."""
        try:
            return read_reply(await self._request("GET", f"{self.url}/{job_id}"), numbers)
        except UnknownRouteError:
            raise LostJobError("the job is not known") from None

    async def _submit(self, request_type: RequestType, numbers: Sequence[str], run_async: bool) -> bytes:
        payload = orjson.dumps({"type": request_type, "phone_numbers": list(numbers), "async": run_async})
        return await self._request("POST", self.url, payload)

    async def _request(self, method: str, url: str, payload: bytes | None = None) -> bytes:
        headers = self.headers | ({"Content-Type": "application/json"} if payload else {})
        try:
            async with self.session.request(
                method, url, data=payload, headers=headers, timeout=self.timeout, allow_redirects=False
            ) as response:
                if response.status in (200, 201):
                    return await bounded_body(response)
                raise error_of(response)
        except aiohttp.ClientConnectorError as error:
            raise NotProcessedError(f"not reached: {type(error).__name__}") from None
        except TimeoutError:
            raise TimedOutError("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamError(f"the connection broke: {type(error).__name__}") from None


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
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_REPLY_BYTES:
            raise MalformedReplyError(f"the reply is over {MAX_REPLY_BYTES} bytes")
    return bytes(body)
