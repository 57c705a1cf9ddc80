"""The gate: every request passes it on its way to a route, and is let through or refused."""

import asyncio
import base64
import math
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_plus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from validator_svc.access.api_key import ApiKey, digest_of
from validator_svc.access.callers import ANYBODY, Caller, Callers, Known
from validator_svc.access.rate_limit import Passed, RateLimit, policy, state
from validator_svc.config import Settings
from validator_svc.http.access_log import AccessLog
from validator_svc.http.errors import ApiError
from validator_svc.http.pages import Pages
from validator_svc.http.parameters import APPID
from validator_svc.http.plain import Fields, Head, Plain
from validator_svc.http.request_id import HEADER, request_id
from validator_svc.http.route import Route
from validator_svc.http.twilio.errors import is_its_path
from validator_svc.lookup.store import STORE_ERRORS, StoreAwayError
from validator_svc.networks import Address, Network, caller_address, is_within
from validator_svc.numbering.facts import RequestType

CALLER = web.RequestKey("caller", Caller)
RATE: web.RequestKey[tuple[float, Passed]] = web.RequestKey("rate", tuple)
Answer = TypeVar("Answer")
# Where clients of other systems come with their own kind of credentials.
FORWARDED = "/v1/forward/"
BEARER, BASIC = "bearer", "basic"
# A store that is silent for so long is away.
STORE_S = 5.0


class Gate:
    """Finds out who sends a request, and whether that one may."""

    def __init__(
        self,
        settings: Settings,
        callers: Callers,
        rates: RateLimit,
        routes: Iterable[Route],
        access_log: AccessLog,
    ) -> None:
        admin_key = settings.admin_key
        self.asks_for_keys = settings.asks_for_keys
        self.has_admin = admin_key is not None
        self.proxies = settings.trusted_proxies
        self.callers = callers
        self.rates = rates
        self.pages = Pages(settings)
        self._log = access_log
        self._needs = {route.path: route.needs for route in routes}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass a request on with its caller. Raises ApiError 401 or 403, StoreAwayError."""
        if (answer := self.pages.preflight(request)) is not None:
            return answer
        if not self.asks_for_keys:
            self.pages.refuse_foreign(request)
        request[CALLER] = caller = await self.caller(request)
        if caller.key is not None and caller.key.requests_per_second is not None:
            await self.pass_rate(request, caller.key, caller.key.requests_per_second)
        return await handler(request)

    async def pass_rate(self, request: web.Request, key: ApiKey, per_s: float) -> None:
        """Count a request. Raises ApiError 429 for one too many, StoreAwayError."""
        left = self.rates.take_ahead(key)
        passed = Passed(0, left) if left is not None else await in_time(self.rates.take(key, per_s))
        request[RATE] = (per_s, passed)
        self._log.count_rate(is_passed=not passed.wait_s)
        if passed.wait_s:
            raise ApiError(
                429,
                "too_many_requests",
                f"requests_per_second: this key may send {per_s:g} a second",
                {"Retry-After": str(math.ceil(passed.wait_s))},
            )

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What is told with every answer: its request's name, to browsers, and of the key's rate."""
        response.headers.setdefault(HEADER, request_id(request))
        await self.pages.add_headers(request, response)
        if RATE in request:
            per_s, passed = request[RATE]
            response.headers["RateLimit-Policy"] = policy(per_s)
            response.headers["RateLimit"] = state(passed.left, passed.wait_s)

    async def caller(self, request: web.Request) -> Caller:
        """Who calls. Raises ApiError 401 for nobody, 403 for one who may not."""
        resource = request.match_info.route.resource
        # What is no route is told only to those who may use some.
        needs = self._needs.get(resource.canonical, "key") if resource else "key"
        if needs == "nothing" or not (self.asks_for_keys or needs == "admin key always"):
            return ANYBODY
        if needs != "key" and not self.has_admin:
            raise ApiError(403, "forbidden", "VALIDATOR_ADMIN_KEY is not set, and this needs that key")
        caller = await self.recognised(request)
        if caller.key is not None and needs != "key":
            raise ApiError(403, "forbidden", "this needs the administrator's key")
        return caller

    async def recognised(self, request: web.Request) -> Caller:
        """Whose key the request has. Raises ApiError 401, which never says what is wrong with it."""
        secret = key_in(request)
        digest = digest_of(secret)
        if self.callers.is_admin(digest):
            return ANYBODY
        known = self.callers.remembered(secret)
        if known is None:
            known = await in_time(self.callers.asked(secret))
        caller = self._judged(digest, known, request)
        if caller is None:
            raise ApiError(
                401,
                "unauthorized",
                "expected a valid key, as Authorization: Bearer KEY or ?appid=KEY",
                {"WWW-Authenticate": "Bearer"},
            )
        if self.callers.is_to_be_noted(caller):
            await in_time(self.callers.note_use(caller))
        return caller

    def known_caller(self, plain: Plain) -> Caller | None:
        """Who sends a request that needs a key; None for nobody, and where the store has to be asked.

        Raises ApiError 403.
        """
        fields = plain.fields
        if time.monotonic() < fields.caller_until_s:
            return fields.caller
        if not self.asks_for_keys:
            self.pages.refuse_foreign(plain)
            return let_in(fields, ANYBODY, math.inf)
        secret = key_of(plain.headers, plain.path, plain.raw_query)
        digest = digest_of(secret)
        if self.callers.is_admin(digest):
            return ANYBODY
        known = self.callers.remembered(secret)
        caller = None if known is None else self._judged(digest, known, plain)
        if known is None or caller is None or self.callers.is_to_be_noted(caller):
            return None
        if credentials_in(plain.headers)[0] != BEARER:
            # With the same fields somebody else may come: their key is in the query, or depends on the path.
            return caller
        return let_in(fields, caller, self.callers.fresh_until_s(caller, known))

    def _judged(self, digest: str, known: Known, head: Head) -> Caller | None:
        """The caller whose key this is, if it may be used from where the request came."""
        caller = self.callers.judged(digest, known)
        if caller is None or (
            known.networks and not is_within(address_of(head, self.proxies), known.networks)
        ):
            return None
        return caller


async def in_time(answer: Awaitable[Answer]) -> Answer:
    """What the store answers. Raises StoreAwayError when that takes too long."""
    try:
        async with asyncio.timeout(STORE_S):
            return await answer
    except STORE_ERRORS as error:
        raise StoreAwayError(error) from None
    except TimeoutError:
        raise StoreAwayError from None


def address_of(head: Head, proxies: Sequence[Network]) -> Address | None:
    """Where a request came from, see `networks.caller_address`."""
    return caller_address(head.remote, head.headers.getall("X-Forwarded-For", ()), proxies)


def let_in(fields: Fields, caller: Caller, until_s: float) -> Caller:
    """Remember with a connection's fields who sends them; returns the caller."""
    fields.caller, fields.caller_until_s = caller, until_s
    return caller


def key_in(request: web.Request) -> str:
    """The key that a request has, see `key_of`."""
    return key_of(request.headers, request.path, request.rel_url.raw_query_string)


def key_of(headers: Mapping[str, str], path: str, raw: str) -> str:
    """The key in a request's headers, or else in its query as it was sent; empty when it has none."""
    scheme, key = credentials_in(headers)
    if scheme == BEARER:
        return key.strip()
    if scheme == BASIC and (is_its_path(path) or path.startswith(FORWARDED)):
        return password_in(key)
    if APPID not in raw:
        return ""
    values = (value for name, _, value in (piece.partition("=") for piece in raw.split("&")) if name == APPID)
    return unquote_plus(next(values, ""))


def credentials_in(headers: Mapping[str, str]) -> tuple[str, str]:
    """The scheme of `Authorization` in lower case, and what follows it (RFC 9110, 11.6.2)."""
    scheme, _, credentials = headers.get(hdrs.AUTHORIZATION, "").strip().partition(" ")
    return scheme.lower(), credentials


def password_in(credentials: str) -> str:
    """The password of Basic credentials (RFC 7617), whatever the user is called; empty when there is none."""
    try:
        return base64.b64decode(credentials.strip()).decode().partition(":")[2]
    except ValueError:
        return ""


def check_type(caller: Caller, request_type: RequestType) -> None:
    """Raise ApiError 403 for a type that the caller's key may not use."""
    key = caller.key
    if key is not None and key.allowed_types and request_type not in key.allowed_types:
        allowed = ", ".join(key.allowed_types)
        raise ApiError(403, "type_not_allowed", f"type: this key may use {allowed}")
