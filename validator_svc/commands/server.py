"""A validator_svc that is asked over HTTP, by somebody who waits while it is away."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import aiohttp
import orjson

PAUSE_START_S = 0.2
PAUSE_MAX_S = 5.0
# How long a server may be away before it is given up.
PATIENCE_S = 300.0
AWAY = frozenset({429, 502, 503, 504})
UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

TOO_LARGE = 413
PROXY_REFUSES = (
    "HTTP 413: a proxy before the service refuses a file of this size;"
    " nginx takes it with client_max_body_size 16g; in its server block"
)

Result = TypeVar("Result")


class Server(NamedTuple):
    """Where it is, and as whom it is asked."""

    url: str
    key: str | None = None


class ServerError(Exception):
    """Why nothing, or nothing more, can be done, in one line."""


class ServerAwayError(Exception):
    """The server does not answer, or says that it cannot now: worth another try."""


async def with_client(server: Server, act: Callable[[aiohttp.ClientSession], Awaitable[Result]]) -> Result:
    """Do something with a client of the server."""
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
    async with aiohttp.ClientSession(server.url, headers=headers, timeout=timeout) as client:
        return await act(client)


async def patiently(server: str, step: Callable[[], Awaitable[Result]]) -> Result:
    """Do a step, again and again while the server is away. Raises ServerError when it stays away."""
    away_s, pause_s = 0.0, PAUSE_START_S
    while True:
        began_s, waited_s = time.monotonic(), 0.0
        try:
            return await step()
        except (ServerAwayError, aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error.__cause__, ServerError):
                # What goes wrong with the file while it is sent comes wrapped.
                raise error.__cause__ from None
            took_s = time.monotonic() - began_s
            if isinstance(error, UNREACHED):
                waited_s = took_s
            elif took_s > PAUSE_MAX_S:
                # It was there for a while.
                away_s, pause_s = 0.0, PAUSE_START_S
            why = f"cannot reach {server}: {str(error) or 'it does not answer'}"
            if away_s > PATIENCE_S:
                raise ServerError(why) from None
            if not away_s:
                print(f"{why}; retrying for {PATIENCE_S:.0f} s", file=sys.stderr)
        await asyncio.sleep(pause_s)
        away_s += waited_s + pause_s
        pause_s = min(pause_s * 2, PAUSE_MAX_S)


async def answer_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The JSON of an answer. Raises ServerAwayError or ServerError for an error."""
    if response.status in AWAY:
        raise ServerAwayError(f"HTTP {response.status}")
    try:
        answer: dict[str, Any] = orjson.loads(await response.read())
    except orjson.JSONDecodeError:
        if response.status == TOO_LARGE:
            raise ServerError(PROXY_REFUSES) from None
        raise ServerError(f"HTTP {response.status}: is this a validator_svc?") from None
    if response.status >= 400:
        raise ServerError(str(answer.get("message", f"HTTP {response.status}")))
    return answer
