"""Sending allowed requests on to their systems, each once, and their answers back as they come.

Before a request is sent it is marked in Redis, under a digest of all that is sent, and the mark goes when the
system has said what became of it. So what may have reached the system is not sent again, however often it is
asked for (clients repeat what fails), whatever process ends meanwhile, for as long as the mark is kept.

| key                  | type   | holds                                                       | expires    |
|----------------------|--------|-------------------------------------------------------------|------------|
| `vs:forward:SHA-256` | string | nothing; the digest is of caller, system, path and body     | 10 minutes |
"""

import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import aiohttp
import orjson
from redis.asyncio import Redis
from yarl import URL

from validator_svc.config import ConfigError, Settings
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.outgoing import SlicedConnector
from validator_svc.screening.registry import SYSTEMS
from validator_svc.screening.system import Body, System

MARK_S = 600
CONNECT_S = 10.0
MAX_REPLY = 1024 * 1024
CONNECTIONS = 100
# Headers of answers that mean something to the caller; the others are of the connection to the system.
PASSED_ON = (
    *(
        "Content-Type",
        "Content-Encoding",
        "Content-Language",
        "Retry-After",
        "Location",
        "X-Request-Id",
        "Request-Id",
    ),
    *("Twilio-Request-Id", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining"),
    *("X-RateLimit-Reset", "WWW-Authenticate"),
)
FAULTS, UNAVAILABLE = 500, 503
MAYBE = "the request may have reached it"


class ForwardError(Exception):
    """A request that the system did not answer; the message says whether it may have been sent."""


class NothingSentError(ForwardError):
    """The system was not reached."""


class NoAnswerError(ForwardError):
    """The system did not answer in time; the request may have reached it."""


class BrokenOffError(ForwardError):
    """The connection or the answer broke; the request may have reached the system."""


class SentBeforeError(ForwardError):
    """The same request is on its way, or may have reached the system before."""


class Target(NamedTuple):
    """Where a system is, and how it knows us."""

    url: str
    """The base URL, without a slash at its end."""
    authorization: str


class Reply(NamedTuple):
    """What the system said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_final(self) -> bool:
        """Whether it is known what became of the request: another failure may have come after it was done."""
        return self.status < FAULTS or (self.status == UNAVAILABLE and "Retry-After" in self.headers)


def targets(settings: Settings) -> dict[str, Target]:
    """The systems to which requests are sent on, by their names. Raises ConfigError."""
    urls = pairs_of("VALIDATOR_FORWARD_URLS", settings.forward_urls, "https://api.example.com")
    secret = settings.forward_credentials
    keys = pairs_of("VALIDATOR_FORWARD_CREDENTIALS", secret.get_secret_value() if secret else None, "KEY")
    for name in urls.keys() ^ keys.keys():
        missing = "VALIDATOR_FORWARD_CREDENTIALS" if name in urls else "VALIDATOR_FORWARD_URLS"
        raise ConfigError(f"{missing}: expected {name}=… too, as the other setting has it")
    return {name: target(SYSTEMS[name], url, keys[name]) for name, url in urls.items()}


def pairs_of(setting: str, text: str | None, example: str) -> dict[str, str]:
    """What a setting has by system. Raises ConfigError."""
    pairs: dict[str, str] = {}
    for piece in filter(None, map(str.strip, (text or "").split(";"))):
        name, _, value = piece.partition("=")
        if name.strip() not in SYSTEMS or not value.strip() or name.strip() in pairs:
            raise ConfigError(
                f"{setting}: expected SYSTEM={example}, several with ; between, each system once; "
                f"the systems are {', '.join(SYSTEMS)}"
            )
        pairs[name.strip()] = value.strip()
    return pairs


def target(system: System, url: str, key: str) -> Target:
    """Where a system is. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or parts.query or parts.fragment or parts.username is not None:
        raise ConfigError(
            f"VALIDATOR_FORWARD_URLS: {system.name}: expected an http(s) URL without credentials and query"
        )
    if system.credentials == "basic" and ":" not in key:
        raise ConfigError(f"VALIDATOR_FORWARD_CREDENTIALS: {system.name}: expected USER:PASSWORD")
    if not key.isascii() or not key.isprintable():
        raise ConfigError(f"VALIDATOR_FORWARD_CREDENTIALS: {system.name}: expected ASCII")
    basic = base64.b64encode(key.encode()).decode()
    return Target(url.rstrip("/"), f"Basic {basic}" if system.credentials == "basic" else f"Bearer {key}")


class Forwarder:
    """Sends requests on; one for a process."""

    def __init__(self, known: Mapping[str, Target], timeout_s: float, redis: Redis) -> None:
        self.targets = known
        self.timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(CONNECT_S, timeout_s))
        self.redis = redis
        self._client: aiohttp.ClientSession | None = None

    async def send(self, system: System, path: str, body: Body, owner: str) -> Reply:
        """Send a request on, and return what the system says.

        Raises ForwardError; StoreAwayError while it cannot be marked, and nothing is sent then. `path` is one
        that the system takes.
        """
        content_type, content = written(system, body)
        name = mark(owner, system.name, path, content)
        try:
            is_first = await self.redis.set(name, b"", nx=True, ex=MARK_S)
        except STORE_ERRORS as error:
            raise StoreAwayError(error) from None
        if not is_first:
            raise SentBeforeError(
                "the same request is on its way, or may have reached the system; it is not sent twice within"
                f" {MARK_S // 60} minutes"
            )
        try:
            reply = await self._sent(self.targets[system.name], path, content_type, content)
        except NothingSentError:
            await self._unmark(name)
            raise
        if reply.is_final:
            await self._unmark(name)
        return reply

    async def _unmark(self, name: str) -> None:
        with contextlib.suppress(*STORE_ERRORS):
            await self.redis.delete(name)

    async def _sent(self, target: Target, path: str, content_type: str, content: bytes) -> Reply:
        headers = {
            "Authorization": target.authorization,
            "Content-Type": content_type,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        url = URL(f"{target.url}/{path}", encoded=True)
        try:
            async with self._session().post(
                url, data=content, headers=headers, allow_redirects=False
            ) as response:
                return Reply(response.status, passed_on(response.headers), await whole(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NothingSentError("the system cannot be reached; nothing was sent") from None
        except TimeoutError:
            raise NoAnswerError(f"the system did not answer in time; {MAYBE}") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise BrokenOffError(f"the connection broke before the answer was whole; {MAYBE}") from None

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            # One that was left open may be closed by the other side in the moment in which it is used.
            connector = SlicedConnector(limit=CONNECTIONS, force_close=True)
            self._client = aiohttp.ClientSession(
                connector=connector,
                timeout=self.timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


@contextlib.asynccontextmanager
async def forwarder(settings: Settings, redis: Redis) -> AsyncIterator[Forwarder]:
    """What sends requests on, for as long as the block. Raises ConfigError."""
    made = Forwarder(targets(settings), settings.forward_timeout, redis)
    try:
        yield made
    finally:
        await made.close()


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that mean something to the caller, but for values that cannot be sent again."""
    found = {each: headers[each] for each in PASSED_ON if each in headers}
    return {name: value for name, value in found.items() if value.isprintable()}


async def whole(response: aiohttp.ClientResponse) -> bytes:
    """The body of an answer. Raises ValueError when it is too long."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_REPLY:
            raise ValueError
    return bytes(body)


def written(system: System, body: Body) -> tuple[str, bytes]:
    """The media type, and the bytes of a body as its system takes it."""
    if system.is_form:
        return "application/x-www-form-urlencoded", urlencode(body, doseq=True).encode()
    return "application/json", orjson.dumps(body)


def mark(owner: str, system: str, path: str, content: bytes) -> str:
    """The key that stands for a request; nothing of it can be read from that."""
    said = b"\0".join([owner.encode(), system.encode(), path.encode(), content])
    return f"vs:forward:{hashlib.sha256(said).hexdigest()}"
